#include "base/server_words.hpp"

#include <doctest/doctest.h>

using namespace angod;

namespace {

std::string words(std::string_view type, std::string_view body) { return words_of(type, body, {}); }

} // namespace

TEST_CASE("control characters and broken UTF-8 do not reach a log line") {
    CHECK(quote_foreign("a\nb\x01"
                        "c\xff",
                        {}) == "a b c\xef\xbf\xbd");
    CHECK(quote_foreign("  \r\n ", {}) == "");
}

TEST_CASE("the words of JSON are its message, wherever servers put it") {
    CHECK(words("application/json", R"({"code":0,"message":"Transport unknown"})") == "Transport unknown");
    CHECK(words("", R"({"error":"rate_limited"})") == "rate_limited");
    CHECK(words("", R"({"error":{"message":"inner"}})") == "inner");
    CHECK(words("application/problem+json", R"({"type":"about:blank","title":"Gone","detail":"It moved."})") ==
          "It moved.");
    CHECK(words("", R"("a text")") == "a text");
    CHECK(words("", R"({"code":1})").empty());
}

TEST_CASE("the words of a page are its title, or else its heading") {
    CHECK(words("text/html", "<!doctype html><html><head><TITLE lang='en'>\n 502 Bad&nbsp;Gateway </Title>") ==
          "502 Bad Gateway");
    CHECK(words("", "<h1 class=x>Not <b>Found</b></h1><p>x") == "Not Found");
    CHECK(words("", "<titles>x</titles><title>y</title>") == "y");
    CHECK(words("", "<title></title><h1>z</h1>") == "z");
    CHECK(words("", "<?xml?><Error><Code>A</Code><Message>B &lt;C&gt;</Message></Error>") == "B <C>");
    CHECK(words("", "<title>cut in the mid") == "cut in the mid");
    CHECK(words("text/html", "<html>Sign in</html>").empty());
    CHECK(words("", "<title").empty());
    CHECK(words("", "<title>&amp;&lt;<i</title>") == "&<");
}

TEST_CASE("the words of another text are its first line") {
    CHECK(words("text/plain", "\r\n  upstream timed out \r\nsecond") == "upstream timed out");
    CHECK(words("", R"({"message":"cut off)") == R"({"message":"cut off)");
    CHECK(words("", "").empty());
    CHECK(words("", " \n ").empty());
}

TEST_CASE("bytes that are no text have no words") {
    CHECK(words("image/png", "\x89PNG").empty());
    CHECK(words("application/octet-stream", "text").empty());
    CHECK(words("", std::string_view("a\0b", 3)).empty());
}
