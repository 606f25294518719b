#include "printing.hpp"
#include "socketio/http_connect.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::socketio;

namespace {

int status_of(std::string_view bytes) {
    const auto reply = parse_connect_reply(bytes);
    return reply && *reply ? (*reply)->status : -1;
}

} // namespace

TEST_CASE("a tunnel is asked for by host and port, with credentials if the proxy's URL has some") {
    const Proxy open = *parse_proxy("http://p:1"), closed = *parse_proxy("http://Aladdin:open%20sesame@p:1");
    CHECK(connect_request(*parse_url("wss://hub.test/x?y"), open, "angod/1") ==
          "CONNECT hub.test:443 HTTP/1.1\r\nHost: hub.test:443\r\nUser-Agent: angod/1\r\n\r\n");
    CHECK(connect_request(*parse_url("ws://[::1]:81"), closed, "a") ==
          "CONNECT [::1]:81 HTTP/1.1\r\nHost: [::1]:81\r\nUser-Agent: a\r\n"
          "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST_CASE("a whole reply gives its status and where it ends") {
    const std::string reply = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";
    const auto parsed = parse_connect_reply(reply + "more");
    REQUIRE(parsed);
    REQUIRE(*parsed);
    CHECK((*parsed)->status == 200);
    CHECK((*parsed)->size == reply.size());
    CHECK(status_of("HTTP/1.0 407 Proxy Authentication Required\r\n\r\n") == 407);
    CHECK(status_of("HTTP/1.1 502 \r\n\r\n") == 502);
    CHECK(status_of("HTTP/1.1 200\r\n\r\n") == 200);
    CHECK(status_of("HTTP/1.0 200 OK\n\n") == 200);
}

TEST_CASE("a reply that comes in pieces is waited for, byte by byte") {
    const std::string reply = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    for (std::size_t n = 0; n < reply.size(); ++n) {
        const auto parsed = parse_connect_reply(std::string_view(reply).substr(0, n));
        REQUIRE_MESSAGE(parsed, n);
        CHECK_MESSAGE(!*parsed, n);
    }
    CHECK(status_of(reply) == 200);
}

TEST_CASE("what is no HTTP is noticed with its first bytes") {
    for (const char *bad :
         {"S", "SSH-2.0-x\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK", "HTTP/1.1  200",
          "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "\r\n", "\x15\x03\x01", "HTTP/1.1200", "http/1.1 200 OK"})
        CHECK_MESSAGE(!parse_connect_reply(bad), bad);
}

TEST_CASE("no more than 16 KB of a reply are read") {
    const std::string start = "HTTP/1.1 200 OK\r\nA: ";
    CHECK(parse_connect_reply(start + std::string(kMaxConnectReply - start.size(), 'x')));
    CHECK(!parse_connect_reply(start + std::string(kMaxConnectReply, 'x')));
    CHECK(!parse_connect_reply(start + std::string(kMaxConnectReply, 'x') + "\r\n\r\n"));
    CHECK(status_of(start + "x\r\n\r\n" + std::string(kMaxConnectReply, 'x')) == 200);
}
