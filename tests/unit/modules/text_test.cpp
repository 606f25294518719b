#include "common/text.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

namespace {

std::string json(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}
std::string folded(std::string_view text) {
    std::string out;
    append_case_folded(out, text);
    return out;
}

} // namespace

TEST_CASE("JSON strings escape quotes, backslashes and controls and keep UTF-8") {
    CHECK(json("a\"b\\c\n\x01\x7F\xC3\xA9") == "\"a\\\"b\\\\c\\n\\u0001\\u007f\xC3\xA9\"");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character, one each") {
    for (const char *bad : {"\xFF", "\xC0", "\x80", "\xC3"}) CHECK(json(bad) == "\"\xEF\xBF\xBD\"");
    CHECK(json("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");                 // a surrogate
    CHECK(json("\xF4\x90\x80\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""); // above U+10FFFF
    CHECK(json("\xF0\x9F\x98\x80") == "\"\xF0\x9F\x98\x80\"");
}

TEST_CASE("case folding covers the letters people put in file names") {
    CHECK(folded("AbZ") == "abz");
    CHECK(folded("\u00C4\u00D6\u00DC\u0160\u0410\u0401\u03A9") == "\u00E4\u00F6\u00FC\u0161\u0430\u0451\u03C9");
    CHECK(folded("\u00D7\u00DF\xFF") == "\u00D7\u00DF\xFF");
}

TEST_CASE("a count goes with the right form of its words") {
    CHECK(plural(0, "tool was", "tools were") == "0 tools were");
    CHECK(plural(1, "tool was", "tools were") == "1 tool was");
    CHECK(plural(2, "tool was", "tools were") == "2 tools were");
}

TEST_CASE("a quoted text is a JSON string") { CHECK(quote("a\"b") == R"("a\"b")"); }
