#include "base/redact.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("nothing of a signed URL is repeated by a server that echoes it") {
    const auto secrets =
        secrets_of_urls({"https://s3.test/a/b?X-Amz-Signature=0123456789abcdef&x=1", "no url"}, {"my-key"});
    const auto clean = [&](const char *text) { return redact(text, secrets); };
    CHECK(clean("GET /a/b?X-Amz-Signature=0123456789abcdef&x=1 not found") == "GET *** not found");
    CHECK(clean("bad query X-Amz-Signature=0123456789abcdef&x=1") == "bad query ***");
    CHECK(clean("signature 0123456789abcdef of my-key") == "signature *** of ***");
    CHECK(clean("x=1 is fine") == "x=1 is fine");
}

TEST_CASE("signed URLs lose their query strings and credentials, the rest of the text stays") {
    CHECK(redact_urls("got https://h.test/a/b?X-Sig=1&k=2 back") == "got https://h.test/a/b?… back");
    CHECK(redact_urls("\"https://u:p@h.test:8/x\"") == "\"https://h.test:8/x\"");
    CHECK(redact_urls("https://a?b https://c/d") == "https://a?… https://c/d");
    CHECK(redact_urls("no URL: a?b=c") == "no URL: a?b=c");
    CHECK(redact_urls("://") == "://");
}

TEST_CASE("secrets are replaced wherever they stand") {
    CHECK(redact("key=abcdef12 abcdef12", {"abcdef12"}) == "key=*** ***");
    CHECK(redact("short abc", {"abc", ""}) == "short abc");
}

TEST_CASE("a secret is known in every way JSON may write it") {
    CHECK(spellings(R"("plain-key")") == std::vector<std::string>{"plain-key"});
    CHECK(spellings(R"("a\/b\u0063\"def")") ==
          std::vector<std::string>{"a/bc\"def", R"(a\/b\u0063\"def)", R"(a/bc\"def)"});
    CHECK(spellings("17").empty());
    CHECK(spellings("").empty());
}
