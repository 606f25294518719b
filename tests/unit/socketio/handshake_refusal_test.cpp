#include "socketio/handshake_refusal.hpp"

#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::socketio;
using namespace std::chrono_literals;

namespace {

HttpAnswer answer_of(int status, std::string body = {}, std::string type = {}) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = std::move(body);
    answer.content_type = std::move(type);
    return answer;
}

HttpAnswer to(std::string location, int status = 301) {
    HttpAnswer answer = answer_of(status);
    answer.location = std::move(location);
    return answer;
}

std::string followed(std::string_view asked, std::string location, int status = 301) {
    const auto url = handshake_redirect(*parse_url(asked), to(std::move(location), status));
    return url ? url->scheme + "://" + url->authority() + url->target : "no";
}

const std::string kPortal =
    "; check whether hub.url is the address of Hub, and whether a sign-in page of the network or "
    "a load balancer answers in place of Hub";
const std::string kSaid = "the server answered the WebSocket handshake with HTTP ";

} // namespace

TEST_CASE("a refused handshake tells the status, the server's words and the things to check") {
    CHECK(
        handshake_refusal(answer_of(400, R"({"code":5,"message":"Unsupported protocol version"})", "application/json"),
                          {}) ==
        kSaid +
            "400 (\"Unsupported protocol version\"); check whether hub.url is the address of Hub, and whether a proxy "
            "on the way removes the header Upgrade");
    CHECK(
        handshake_refusal(answer_of(404, "<h1>Not Found</h1>", "text/html"), {}) ==
        kSaid +
            "404 (\"Not Found\"); check whether hub.url is the address of Hub, and whether a proxy on the way removes "
            "the header Upgrade");
    CHECK(
        handshake_refusal(answer_of(200, "<html><TITLE>Sign in &amp; pay</TITLE>", "text/html"), {}) ==
        kSaid +
            "200 (\"Sign in & pay\"); it sent a page instead of a connection: check whether hub.url is the address of "
            "Hub, and whether a sign-in page of the network or a load balancer answers in place of Hub");
    CHECK(handshake_refusal(answer_of(407), {}) ==
          kSaid + "407; a proxy on the way wants a user name and a password: write them into the URL of hub.proxy");
    CHECK(handshake_refusal(answer_of(426), {}).find("begins with https://") != std::string::npos);
    CHECK(handshake_refusal(answer_of(403, "Forbidden\r\nfor you"), {})
              .starts_with(kSaid + "403 (\"Forbidden\"); check"));
    CHECK(handshake_refusal(answer_of(429), {}).find("takes no more connections at this time") != std::string::npos);
    CHECK(handshake_refusal(answer_of(503), {}).ends_with("is down or overloaded"));
    CHECK(handshake_refusal(answer_of(511), {}).find("the network wants a sign-in first") != std::string::npos);
    CHECK(handshake_refusal(answer_of(599), {}).ends_with("is down or overloaded"));
    CHECK(handshake_refusal(answer_of(418), {}) == kSaid + "418; check whether hub.url is the address of Hub");
}

TEST_CASE("a redirect is named without its query, whether it is followed or not") {
    CHECK(
        handshake_refusal(to("https://hub2.test/socket.io/?key=abcdef"), {}) ==
        kSaid +
            "301 (a redirect to https://hub2.test/socket.io/); write the address of Hub to which it leads as hub.url");
    CHECK(handshake_refusal(to("", 302), {}) == kSaid + "302 (a redirect without an address)" + kPortal);
    CHECK(handshake_refusal(to("https://gateway.test/auD?url=/socket.io/", 307), {}) ==
          kSaid + "307 (a redirect to https://gateway.test/auD)" + kPortal);
    CHECK(handshake_refusal(to("/login#/socket.io/", 302), {}) == kSaid + "302 (a redirect to /login)" + kPortal);
    HttpAnswer page = to("https://h.test/", 307);
    page.body = "<title>Moved</title>";
    CHECK(said_in(page, {}) == "\"Moved\", a redirect to https://h.test/");
    CHECK(said_in(to("https://ann:secret@h.test/"), {}).find("secret") == std::string::npos);
}

TEST_CASE("a redirect is followed to the same host over TLS, and to no other place") {
    CHECK(followed("http://h.test", "https://h.test/socket.io/?a=b") == "https://h.test/socket.io/?a=b");
    CHECK(followed("http://h.test:8080", "https://H.test:8443/") == "https://h.test:8443/");
    CHECK(followed("wss://h.test", "/hub/socket.io/?a=b", 308) == "https://h.test/hub/socket.io/?a=b");
    CHECK(followed("ws://h.test", "wss://h.test/socket.io/", 307) == "wss://h.test/socket.io/");
    CHECK(followed("https://h.test", "//h.test/?x", 302) == "https://h.test/");
    for (const char *other :
         {"https://h2.test/", "https://h.test.evil.test/", "https://x.h.test/", "http://h.test/", "ws://h.test/",
          "//h2.test/", "https://ann:pw@h.test/", "https://h.test@evil.test/", "javascript://h.test/", "x", "",
          "https://", "https://[::1]/", "https://h.test\\@e.test/", "/login", "/login?next=/socket.io/"})
        CHECK_MESSAGE(followed("https://h.test", other) == "no", other);
    CHECK(followed("http://h.test", "/socket.io/") == "no"); // it would stay without TLS
    CHECK(followed("https://h.test", "https://h.test/", 200) == "no");
    CHECK(followed("https://h.test", "https://h.test/", 304) == "no");
}

TEST_CASE("a pause counts from the server's own clock if it told the time") {
    constexpr std::int64_t kNoon = 784'111'777'000; // Sun, 06 Nov 1994 08:49:37 GMT
    HttpAnswer answer = answer_of(503);
    CHECK(!pause_asked(answer, kNoon));
    answer.retry_after = "120";
    CHECK(pause_asked(answer, kNoon) == 120s);
    answer.retry_after = "Sun, 06 Nov 1994 08:50:07 GMT";
    CHECK(pause_asked(answer, kNoon) == 30s);
    answer.date = "Sun, 06 Nov 1994 08:50:00 GMT";
    CHECK(pause_asked(answer, kNoon) == 7s);
    for (const char *none : {"0", "soon", "", "Sat, 05 Nov 1994 08:49:37 GMT"}) {
        answer.retry_after = none;
        CHECK_MESSAGE(!pause_asked(answer, kNoon), none);
    }
}

TEST_CASE("a server's words are one bounded, printable line without secrets") {
    CHECK(said_in(answer_of(500, "key my-secret-9 is bad"), {"my-secret-9"}) == "\"key *** is bad\"");
    CHECK(said_in(answer_of(500, "a\x1b[31mb\tc"), {}) == "\"a [31mb c\"");
    CHECK(said_in(answer_of(500, std::string(4000, 'x')), {}).size() < 320);
    CHECK(said_in(answer_of(500, "\xff\xd8\xff", "image/jpeg"), {}).empty());
    HttpAnswer packed = answer_of(500, "\x1f\x8b");
    packed.content_encoding = "gzip";
    CHECK(said_in(packed, {}).empty());
}
