#include "host/module/fetch.hpp"

#include <doctest/doctest.h>

using namespace angod::host;

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
