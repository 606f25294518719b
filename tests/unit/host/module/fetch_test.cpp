// The addresses that a module may have fetched, and the requests that are made for it. Two servers on loopback play Hub and a storage
// beside it; their answers are refused, lost, too long or encoded. Every request is kept, so that a test sees which of them had the key
// of the user.
#include "host/module/fetch.hpp"

#include "host/hub/answer_server.hpp"
#include "host/job/recorded_job.hpp"
#include "printing.hpp"
#include "unpack/packed.hpp"

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;

TEST_CASE("a module may have https fetched, and whatever is of Hub") {
    CHECK(may_be_fetched("https://files.example.test/m.png?sig=x", "https://hub.test"));
    CHECK(may_be_fetched("http://127.0.0.1:8800/files/m.png", "http://127.0.0.1:8800"));
    CHECK_FALSE(may_be_fetched("http://files.example.test/m.png", "https://hub.test"));
    for (const char *url : {"", "file:///etc/passwd", "ftp://x/y", "https://", "https://a b/c", "https://a/\r\nX: y",
                            "https://user@files.test/", "https://hub.test\\@evil.test/", "//hub.test/x"})
        CHECK_FALSE(may_be_fetched(url, "https://hub.test"));
}

TEST_CASE("beside a local Hub there may be local storages, and nowhere else") {
    CHECK(may_be_fetched("http://127.0.0.1:8801/files/m.png", "http://127.0.0.1:8800"));
    CHECK(may_be_fetched("http://[::1]:8801/", "http://localhost:8800"));
    CHECK_FALSE(may_be_fetched("http://127.0.0.1:8801/files/m.png", "https://127.0.0.1:8800"));
    CHECK_FALSE(may_be_fetched("http://127.0.0.1:8801/files/m.png", "http://hub.test"));
    CHECK_FALSE(may_be_fetched("http://10.0.0.1/files/m.png", "http://127.0.0.1:8800"));
    CHECK_FALSE(is_of_hub("http://127.0.0.1:8801/files/m.png", "http://127.0.0.1:8800"));
}

TEST_CASE("only what is of Hub's scheme, host and port is sent the key") {
    CHECK(is_of_hub("https://hub.test/v2/project/1", "https://hub.test"));
    CHECK(is_of_hub("https://hub.test:443/x", "https://hub.test/"));
    for (const char *url : {"http://hub.test/x", "https://hub.test:444/x", "https://hub.test.evil.test/x",
                            "https://evil.test/https://hub.test", "https://hub.test@evil.test/", "/v2/x"})
        CHECK_FALSE(is_of_hub(url, "https://hub.test"));
}

namespace {

/// A local Hub and a storage beside it, which answer what the test says.
struct Servers {
    std::vector<AnswerServer::Reply> replies; ///< of the Hub; the last one stays
    AnswerServer hub{[this](const auto &) {
        auto reply = replies.front();
        if (replies.size() > 1) replies.erase(replies.begin());
        return reply;
    }};
    AnswerServer storage{[](const auto &) { return AnswerServer::Reply{"a file"}; }};
    RecordedJob run{R"({"apiKey":"the-key"})", hub.url()};
    Fetcher fetcher{run.job, {.attempts = 3, .base_delay = 1ms, .max_delay = 1ms}};
};

} // namespace

TEST_CASE("a path is one of Hub, and only Hub receives the key") {
    Servers servers{{{"of Hub"}}};
    CHECK(servers.fetcher.get("/v2/x?page=2", 100).value() == "of Hub");
    CHECK(servers.fetcher.get(servers.storage.url() + "/m.png", 100).value() == "a file");
    CHECK(servers.hub.requests()[0].target == "/v2/x?page=2");
    CHECK(servers.hub.requests()[0].headers.at("apikey") == "the-key");
    CHECK_FALSE(servers.storage.requests()[0].headers.contains("apikey"));
    CHECK(servers.fetcher.request({.method = "GET", .url = servers.storage.url() + "/", .limit = 9})->status == 200);
    CHECK_FALSE(servers.storage.requests()[1].headers.contains("apikey"));
}

TEST_CASE("a get is repeated while the failure may pass") {
    for (const auto &reply : {AnswerServer::Reply{"", 503}, AnswerServer::lost()}) {
        Servers servers{{reply, reply, {"at last"}}};
        CHECK(servers.fetcher.get("/x", 100).value() == "at last");
        CHECK(servers.hub.requests().size() == 3);
    }
    Servers down{{{"", 503}}};
    const auto got = down.fetcher.get("/x", 100);
    REQUIRE(!got);
    CHECK(got.error().code == Code::network);
    CHECK(got.error().text.find("Tried 3 times") != std::string::npos);
    CHECK(down.hub.requests().size() == 3);
}

TEST_CASE("a get that is refused or too long is an error at once, without the key in its text") {
    Servers servers{{{"no file for the-key", 404, {{"Content-Type", "text/plain"}}}, {"123456"}}};
    auto got = servers.fetcher.get("/secret-path?sig=1", 100);
    REQUIRE(!got);
    CHECK(got.error().code == Code::not_found);
    for (const char *secret : {"the-key", "secret-path", "sig"})
        CHECK(got.error().text.find(secret) == std::string::npos);
    got = servers.fetcher.get("/x", 5);
    REQUIRE(!got);
    CHECK(got.error().code == Code::limit);
    CHECK(servers.hub.requests().size() == 2);
    got = servers.fetcher.get("file:///etc/passwd", 5);
    REQUIRE(!got);
    CHECK(got.error().code == Code::invalid);
}

TEST_CASE("of a request every status is an answer") {
    Servers servers{{{"no such thing", 404}, {"made", 201}}};
    auto got =
        servers.fetcher.request({.method = "POST", .url = "/x", .headers = {{"X-A", "1"}}, .body = "b", .limit = 99});
    REQUIRE(got);
    CHECK(got->status == 404);
    CHECK(got->body == "no such thing");
    CHECK(got->content_type == "application/json");
    CHECK(servers.hub.requests()[0].method == "POST");
    CHECK(servers.hub.requests()[0].body == "b");
    CHECK(servers.hub.requests()[0].headers.at("x-a") == "1");
    got = servers.fetcher.request({.url = "/x", .limit = 99});
    REQUIRE(got);
    CHECK(got->status == 201);
}

TEST_CASE("only GET and HEAD are sent again") {
    for (const auto &row : {std::pair("GET", 3), {"HEAD", 3}, {"POST", 1}, {"PUT", 1}, {"DELETE", 1}}) {
        const char *method = row.first;
        const int sent = row.second;
        CAPTURE(method);
        Servers servers{{{"", 503}}};
        const auto got = servers.fetcher.request({.method = method, .url = "/x", .limit = 99});
        REQUIRE(got);
        CHECK(got->status == 503);
        CHECK(servers.hub.requests().size() == static_cast<std::size_t>(sent));
        // libcurl by itself would repeat a request that is lost on a connection that was open before.
        Servers deaf{{{"x"}, AnswerServer::lost()}};
        REQUIRE(deaf.fetcher.get("/x", 99));
        CHECK(!deaf.fetcher.request({.method = method, .url = "/x", .limit = 99}));
        CHECK(deaf.hub.requests().size() >= 1 + static_cast<std::size_t>(sent));
        if (sent == 1) CHECK(deaf.hub.requests().size() == 2);
    }
}

TEST_CASE("a header cannot smuggle another one") {
    Servers servers{{{"x"}}};
    for (const auto &[name, value] : {std::pair("X-A", "1\r\nX-B: 2"), {"X\nA", "1"}}) {
        const auto got = servers.fetcher.request({.url = "/x", .headers = {{name, value}}, .limit = 9});
        REQUIRE(!got);
        CHECK(got.error().text == "a server was not asked: a header of the request holds a line break.");
    }
    CHECK(servers.hub.requests().empty());
}

TEST_CASE("a job that is cancelled fetches nothing more") {
    Servers servers{{{"x"}}};
    servers.run.job.cancel.cancel();
    CHECK(servers.fetcher.get("/x", 9).error().code == Code::cancelled);
    CHECK(servers.fetcher.request({.url = "/x", .limit = 9}).error().code == Code::cancelled);
}

TEST_CASE("an answer is decoded, and one whose encoding is cut off is an error") {
    const std::string text(10'000, 'x'), gzipped = packed(text, kGzip);
    const std::map<std::string, std::string> gzip{{"Content-Encoding", "gzip"}}, brotli{{"Content-Encoding", "br"}};
    Servers whole{{{gzipped, 200, gzip}}};
    CHECK(whole.fetcher.get("/v2/x", 20'000).value() == text);
    CHECK(whole.fetcher.get("/v2/x", 5'000).error().code == Code::limit);
    CHECK(whole.hub.requests()[0].headers.at("accept-encoding") == "gzip, deflate");
    for (const std::size_t missing : {std::size_t{1}, std::size_t{8}, gzipped.size() / 2}) {
        Servers cut{{{gzipped.substr(0, gzipped.size() - missing), 200, gzip}}};
        const std::string host = cut.hub.url().substr(7);
        CHECK(cut.fetcher.get("/v2/x", 20'000).error().text ==
              "the data that " + host + " sent with a Content-Encoding ends too early");
    }
    Servers unknown{{{"x", 200, brotli}}};
    CHECK(unknown.fetcher.get("/v2/x", 100).error().text ==
          unknown.hub.url().substr(7) +
              " sent its answer with the Content-Encoding \"br\", which is not supported (gzip and deflate are)");
    Servers refusing{{{"x", 404, brotli}}};
    CHECK(refusing.fetcher.get("/v2/x", 100).error().code == Code::not_found);
}
