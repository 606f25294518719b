#include "base/url.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("a URL is taken apart") {
    const auto url = parse_url("HTTPS://Plugin.Example.test:8443/x/y?z=1#f");
    REQUIRE(url);
    CHECK(url->scheme == "https");
    CHECK(url->host == "plugin.example.test");
    CHECK(url->port == 8443);
    CHECK(url->target == "/x/y?z=1");
    CHECK(url->authority() == "plugin.example.test:8443");
    CHECK(parse_url("wss://h")->port == 443);
    CHECK(parse_url("ws://h?a")->target == "/?a");
    CHECK(parse_url("http://[::1]:81/")->authority() == "[::1]:81");
}

TEST_CASE("only addresses of this machine count as loopback") {
    CHECK(parse_url("http://localhost")->loopback());
    CHECK(parse_url("http://127.9.9.9")->loopback());
    CHECK(parse_url("http://[::1]")->loopback());
    CHECK(!parse_url("http://localhost.example.test")->loopback());
    CHECK(!parse_url("http://10.0.0.1")->loopback());
}

TEST_CASE("what is no usable URL is refused, and not repeated in the error") {
    for (const char *bad : {"", "h.test", "ftp://secret.test/", "http://", "http://h:0/", "http://h:99999/",
                            "http://h:x/", "http://u:secret@h/", "http://[::1/", "http://[secret]/", "http://a b/"}) {
        const auto url = parse_url(bad);
        CHECK_MESSAGE(!url, bad);
        if (!url) CHECK(url.error().text.find("secret") == std::string::npos);
    }
}
