#include "config/hub_address.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::config;

namespace {

std::string read(std::string_view text) {
    const auto address = read_hub_address(text);
    return address ? *address : "refused: " + address.error().text;
}

} // namespace

TEST_CASE("an address may end as in the vendor's documents") {
    for (const char *text :
         {"https://h.test", "https://h.test/", "https://h.test/v2", "https://h.test/v2/", "HTTPS://H.test:443/v2//",
          " https://h.test", "https://h.test/v2\r\n", "\thttps://h.test/ "})
        CHECK(read(text) == "https://h.test");
    CHECK(read("http://127.0.0.1:8080/") == "http://127.0.0.1:8080");
    CHECK(read("wss://[::1]:8443/v2") == "wss://[::1]:8443");
}

TEST_CASE("what would be ignored is refused") {
    for (const char *path : {"/plugin", "/socket.io/", "/hub/v2", "/v2/export", "/v1"})
        CHECK(read("https://h.test" + std::string(path)) ==
              "refused: must end with the host or port, but has the path " + std::string(path) +
                  "; angod adds the paths of Hub by itself");
    for (const char *text : {"https://h.test?a=b", "https://h.test/#a", "https://h.test/v2?", "https://h.test/v2#x"})
        CHECK(read(text) == "refused: must end with the host or port, but has a query or a fragment; leave it out");
    CHECK(read("https://b\u00fcro.test").find("\"xn--\"") != std::string::npos);
    CHECK(read("https://h%20.test").starts_with("refused: has a host with characters"));
    for (const char *text : {"h.test", "", " ", "h.test:443/v2", "https:/h.test", "//h.test", "ann:secret@h.test"})
        CHECK(read(text) == "refused: does not begin with https://; write https://HOST");
    for (const char *text : {"https://ann:secret@h.test", "https://ann@h.test/v2", "http://:secret@h.test"})
        CHECK(read(text) == "refused: has a user name or a password, which Hub does not use; leave it out");
    CHECK(read("htps://h.test") == "refused: the scheme of the URL is none of http, https, ws, wss");
    CHECK(read("https://h.test /v2") == "refused: the URL holds a blank or control character");
}

TEST_CASE("one address is enough: only one host is known to serve one without the other") {
    CHECK(api_of("https://plugin.imerit.ango.ai") == "https://imeritapi.ango.ai");
    CHECK(url_of("https://imeritapi.ango.ai") == "https://plugin.imerit.ango.ai");
    CHECK(api_of("https://eu-api.ango.ai") == "https://eu-api.ango.ai");
    CHECK(url_of("https://eu-api.ango.ai") == "https://eu-api.ango.ai");
    CHECK(api_of("https://plugin.imerit.ango.ai:8443") == "https://plugin.imerit.ango.ai:8443");
    CHECK(api_of("wss://h.test") == "https://h.test");
    CHECK(api_of("ws://127.0.0.1:1") == "http://127.0.0.1:1");
    CHECK(api_of("x") == "x");
}
