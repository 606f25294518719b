#include "host/hub/storage.hpp"

#include "host/hub/answer_server.hpp"
#include "printing.hpp"

#include "rest/http_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace angod;
using namespace angod::host;

namespace {

Storage storage(const char *record) { return read_storage(*json::parse(record)); }

/// A Hub with the storages s0, s1, …, which lists so many on a page.
struct Storages {
    int count, on_page;
    std::string total;                            ///< JSON; empty: not said
    std::function<void(int)> before = [](int) {}; ///< called before each answer with its number, from 1
    int asked = 0;
    int hidden = -1; ///< a storage that is not listed

    AnswerServer server{[this](const auto &request) {
        before(++asked);
        int page = std::stoi(request.target.substr(request.target.find("page=") + 5));
        std::string list;
        std::vector<int> all;
        for (int i = 0; i < count; ++i)
            if (i != hidden) all.push_back(i);
        for (std::size_t i = static_cast<std::size_t>((page - 1) * on_page);
             i < all.size() && i < static_cast<std::size_t>(page * on_page); ++i)
            list += fmt::format(R"({}{{"_id":"s{}"}})", list.empty() ? "" : ",", all[i]);
        return AnswerServer::Reply{
            fmt::format(R"({{"data":{{"storages":[{}]{}}}}})", list, total.empty() ? "" : ",\"total\":" + total)};
    }};

    std::string find(const std::string &id) {
        rest::HttpClient client({"", "", {}});
        const CancelToken cancel;
        rest::HubApi hub(client, {server.url(), "k", {.attempts = 1}, {}}, cancel);
        const auto found = find_storage(hub, id);
        return found ? found->id : found.error().text;
    }
};

} // namespace

TEST_CASE("a storage is understood in both descriptions of it") {
    CHECK(storage(R"({"_id":"s","provider":"AWS","region":"r","bucket":"b"})").provider == "AWS");
    CHECK(storage(R"({"type":"aws"})").provider == "AWS");
    CHECK(storage(R"({"type":"gcs"})").provider == "GCP");
    CHECK(storage(R"({"type":"azure","accountName":"a"})").account == "a");
    CHECK(storage(R"({})").provider.empty());
}

TEST_CASE("whatever looks like a key of a storage is a secret") {
    const Storage found =
        storage(R"({"name":"plain","publicKey":"pub","privateKey":"priv","credentials":{"accessKeyId":"id",
        "sasToken":"sas","list":[1]},"region":"eu"})");
    CHECK(found.secrets == std::vector<std::string>{"pub", "priv", "id", "sas"});
}

TEST_CASE("an object has the address that its provider gives it") {
    const auto aws = storage(R"({"provider":"AWS","region":"eu-west-1","bucket":"own"})");
    CHECK(object_url(aws, "b", "a b/ü+%.jpg").value() == "https://b.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%25.jpg");
    CHECK(object_url(aws, "", "x").value() == "https://own.s3.eu-west-1.amazonaws.com/x");
    CHECK(object_url(storage(R"({"provider":"AWS"})"), "b", "x").value() == "https://b.s3.amazonaws.com/x");
    CHECK(object_url(storage(R"({"provider":"GCP"})"), "b", "d//x").value() == "https://storage.googleapis.com/b/d//x");
    CHECK(object_url(storage(R"({"provider":"AZURE","account":"acc"})"), "c", "x").value() ==
          "https://acc.blob.core.windows.net/c/x");
}

TEST_CASE("an address that cannot be known is an error, and nothing gets into a host name") {
    CHECK_FALSE(object_url(storage(R"({"provider":"AZURE"})"), "c", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"FTP"})"), "c", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AWS"})"), "", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AWS"})"), "evil.test/", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AWS","region":"r/evil"})"), "b", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AZURE","account":"a#"})"), "c", "x"));
}

TEST_CASE("a storage is found on any page, although pages are short or no total is said") {
    for (const std::string total : {"", "250"})
        for (const int on_page : {10, 100}) {
            Storages hub{250, on_page, total};
            CHECK(hub.find("s249") == "s249");
            CHECK(hub.find("s0") == "s0");
        }
    Storages hub{250, 100, "250"};
    CHECK(hub.find("none") ==
          "there is no storage with the id none in Hub, or the user who ran the plugin may not see it. "
          "Choose another storage and run the plugin again.");
    CHECK(hub.asked == 3);
}

TEST_CASE("a storage that slips to an earlier page while the list is read is found in the next round") {
    Storages hub{200, 100, "200"};
    hub.before = [&](int number) {
        if (number == 2) hub.hidden = 0, hub.total = "199"; // s100 is on the first page now
    };
    CHECK(hub.find("s100") == "s100");
    CHECK(hub.asked == 3);
}

TEST_CASE("a list with fewer storages than it counts proves nothing") {
    Storages hub{2, 100, "3"};
    CHECK(hub.find("s1") == "s1");
    CHECK(hub.find("s2") ==
          "Hub's list of the storages names fewer storages than it counts, and not the one with the id s2. "
          "Run the plugin again.");
}
