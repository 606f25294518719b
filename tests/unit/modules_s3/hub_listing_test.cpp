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
    CHECK(text(read_hub_files(R"({"data":{"files":["p/","p/a","p/a","",7,null,{},"p/c/x","p/c/y"]}})", "p/")) ==
          "p/c/ p/a next:");
}

TEST_CASE("an answer without a list is not read as an empty one") {
    for (const char *answer : {"", "[]", "{}", R"({"data":null})", R"({"data":{}})", R"({"data":{"files":"a"}})"})
        CHECK_MESSAGE(!read_hub_files(answer, ""), answer);
    CHECK(text(read_hub_files(R"({"data":{"files":[]}})", "")) == "next:");
}

TEST_CASE("a place in the list survives as a token") {
    CHECK(HubPlace{}.text() == "hub:0::");
    const auto place = read_hub_place(HubPlace{"a:b", 12, "p/c:d ü/"}.text());
    REQUIRE(place);
    CHECK(place->token == "a:b");
    CHECK(place->shown == 12);
    CHECK(place->folder == "p/c:d ü/");
    for (const char *other : {"", "hub:", "hub:1", "hub:1:", "hub:x::", "hub:-1::", "1ueGcxLPRx1Tr"})
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
