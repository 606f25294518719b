#include "config/listen.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace angod::config;

TEST_CASE("an address is read with its port or without") {
    const auto v4 = parse_listen("127.0.0.1:8080");
    REQUIRE(v4);
    CHECK(v4->address == "127.0.0.1");
    CHECK(v4->port == 8080);
    const auto v6 = parse_listen("[::1]:65535");
    REQUIRE(v6);
    CHECK(v6->address == "::1");
    CHECK(v6->port == 65535);
    for (const char *alone : {"0.0.0.0", "[::]"}) {
        const auto listen = parse_listen(alone);
        REQUIRE(listen);
        CHECK(!listen->port);
    }
}

TEST_CASE("names, bare IPv6 addresses and other ports are refused") {
    for (const char *bad : {"", "localhost:80", "::1", "::1:80", "[::1", "[::1]80", "[127.0.0.1]:80", "1.2.3:80"})
        CHECK_MESSAGE(!parse_listen(bad), bad);
    for (const char *bad : {"127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "[::]:8 "}) {
        const auto listen = parse_listen(bad);
        REQUIRE_MESSAGE(!listen, bad);
        CHECK(listen.error().text == "the port must be a number from 1 to 65535");
    }
}
