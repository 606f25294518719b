#include "explorer_s3/hub_listing.hpp"

#include <doctest/doctest.h>

using namespace ango::explorer_s3;

namespace {

std::string text(const std::optional<HubFiles> &page) {
    if (!page) return "none";
    std::string out;
    for (const std::string &folder : page->folders) out += folder + " ";
    for (const HubFile &file : page->files) out += file.key + (file.url.empty() ? " " : "=" + file.url + " ");
    return out + "next:" + page->next;
}

} // namespace

TEST_CASE("every usual form of Hub's list is understood") {
    CHECK(text(read_hub_files(R"({"data":{"folders":["p/c/"],"files":["p/a","p/b"],"scrollToken":"t"}})", "p/")) ==
          "p/c/ p/a p/b next:t");
    CHECK(text(read_hub_files(
              R"({"data":{"files":[{"key":"a","url":"https://s/a?X=1"},{"Key":"b"}],"scrollToken":null}})", "")) ==
          "a=https://s/a b next:");
    CHECK(text(read_hub_files(R"({"data":["a","c/d","c/e/f"]})", "")) == "c/ a next:");
    CHECK(text(read_hub_files(R"({"data":{"objects":[{"name":"a"},{"name":"c","type":"folder"}]}})", "p/")) ==
          "p/c/ p/a next:");
    CHECK(text(read_hub_files(R"({"data":{"prefixes":[{"prefix":"p/c/"}]}})", "p/")) == "p/c/ next:");
}

TEST_CASE("the folder itself, doubles and what is no entry are left out") {
    const auto page = read_hub_files(R"({"data":{"files":["p/","p/a","p/a","",null,"p/c/x","p/c/y"]}})", "p/");
    CHECK(text(page) == "p/c/ p/a next:");
    CHECK(page->problem.empty());
}

TEST_CASE("every word for more is understood, in the data or around it") {
    for (const char *name : {"scrollToken", "nextToken", "nextPageToken", "nextMarker", "NextMarker",
                             "continuationToken", "NextContinuationToken", "nextContinuationToken", "nextCursor"}) {
        const std::string token = "\"" + std::string(name) + "\":\"t\"";
        CHECK(read_hub_files("{\"data\":{\"files\":[\"a\"]," + token + "}}", "")->next == "t");
        CHECK(read_hub_files("{\"data\":[\"a\"]," + token + "}", "")->next == "t");
    }
    CHECK(read_hub_files(R"({"data":{"files":["a"],"nextToken":17}})", "")->next == "17");
    for (const char *end : {"null", "\"\"", "false"})
        CHECK(read_hub_files("{\"data\":{\"files\":[\"a\"],\"scrollToken\":" + std::string(end) + "}}", "")->problem ==
              "");
}

TEST_CASE("a list that says that it is a part, and not how it goes on, is not all") {
    const auto problem = [](const std::string &members) {
        return read_hub_files("{\"data\":{\"folders\":[\"c/\"],\"files\":[\"a\"]," + members + "}}", "")->problem;
    };
    for (const char *name : {"isTruncated", "IsTruncated", "truncated", "hasMore", "hasNextPage"}) {
        CHECK(problem("\"" + std::string(name) + "\":true") == "says that there are more, but not how to get them");
        CHECK(problem("\"" + std::string(name) + "\":true,\"nextToken\":\"t\"") == "");
        CHECK(problem("\"" + std::string(name) + "\":false") == "");
    }
    CHECK(problem("\"nextToken\":{\"key\":\"a\"}") == "says that there are more, but not how to get them");
    CHECK(problem("\"total\":3") == "has 2 of 3 entries, and does not say how to get the others");
    CHECK(problem("\"total\":3,\"scrollToken\":\"t\"") == "");
    CHECK(problem("\"total\":2") == "");
    CHECK(read_hub_files(R"({"data":["a"],"total":5})", "")->problem ==
          "has 1 of 5 entries, and does not say how to get the others");
    CHECK(read_hub_files(R"({"data":["a",7,{}]})", "")->problem == "has 2 entries without a name");
}

TEST_CASE("a list that changed is continued behind the entry that was shown last") {
    HubFiles files;
    files.folders = {"c/"};
    files.files = {{"a", ""}, {"b", ""}};
    CHECK(files.behind({}).value() == 0);
    CHECK(files.behind({"", 2, "", "a"}).value() == 2);
    CHECK(files.behind({"", 1, "", "a"}).value() == 2); // one was added before it
    CHECK(files.behind({"", 9, "", "b"}).value() == 3);
    CHECK(files.behind({"", 2, "", ""}).value() == 2);
    CHECK_FALSE(files.behind({"", 2, "", "gone"}));
}

TEST_CASE("an answer without a list is not read as an empty one") {
    for (const char *answer : {"", "[]", "{}", R"({"data":null})", R"({"data":{}})", R"({"data":{"files":"a"}})"})
        CHECK_MESSAGE(!read_hub_files(answer, ""), answer);
    CHECK(text(read_hub_files(R"({"data":{"files":[]}})", "")) == "next:");
}

TEST_CASE("a place in the list survives as a token") {
    CHECK(HubPlace{}.text() == "hub:0::");
    CHECK(read_hub_place(HubPlace{"a:b", 12, "p/", ""}.text())->token == "a:b");
    const auto place = read_hub_place(HubPlace{"a:b", 12, "p/c:d ü/", "p:/x"}.text());
    REQUIRE(place);
    CHECK(place->token == "a:b");
    CHECK(place->shown == 12);
    CHECK(place->folder == "p/c:d ü/");
    CHECK(place->last == "p:/x");
    for (const char *other :
         {"", "hub:", "hub:1", "hub:1:", "hub:x::", "hub:-1::", "hub2:1::", "hub2:1", "1ueGcxLPRx1Tr"})
        CHECK(!read_hub_place(other));
}

TEST_CASE("the call names bucket and folder escaped") {
    CHECK(hub_files_path("id", "b", "a b/", "") ==
          "/v2/storages/id/files?bucketName=b&path=a%20b%2F&getSignedUrls=true&retryOnSlowDown=true");
    CHECK(hub_files_path("id", "b", "", "t+").ends_with("&scrollToken=t%2B"));
}

TEST_CASE("the last list is found by all that it depends on") {
    LastHubFiles last;
    CHECK(last.find("") == nullptr);
    const auto files = std::make_shared<const HubFiles>();
    last.keep("user a, folder p/", files);
    CHECK(last.find("user a, folder p/") == files);
    CHECK(last.find("user b, folder p/") == nullptr);
    last.keep("user b, folder p/", std::make_shared<const HubFiles>());
    CHECK(last.find("user a, folder p/") == nullptr);
}
