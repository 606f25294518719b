#include "base/utf8.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using angod::beginning_of;
using angod::is_utf8;
using angod::utf8_length;

TEST_CASE("a text is cut to a length, never inside of a character") {
    CHECK(beginning_of("abc", 3) == "abc");
    CHECK(beginning_of("abc", 2) == "ab");
    CHECK(beginning_of("", 0).empty());
    CHECK(beginning_of("a\u00fcb", 2) == "a");
    CHECK(beginning_of("a\u00fcb", 3) == "a\u00fc");
    CHECK(beginning_of("\U0001f697", 3).empty());
    CHECK(beginning_of("\u20ac\u20ac", 5) == "\u20ac");
}

TEST_CASE("bytes that are no UTF-8 are cut to nothing at worst") { CHECK(beginning_of("\x80\x80\x80", 2).empty()); }

TEST_CASE("characters of one to four bytes are told from bytes that are none") {
    CHECK(utf8_length("a", 0) == 1);
    CHECK(utf8_length("a\u00fc", 1) == 2);
    CHECK(utf8_length("\u20ac", 0) == 3);
    CHECK(utf8_length("\U0010ffff", 0) == 4);
    CHECK(is_utf8("a\u00fc\u20ac\U0001f697"));
    CHECK(is_utf8(""));
    for (const char *text :
         {"\x80", "\xc3", "\xc3(", "\xe2\x82", "\xf0\x9f\x9a", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80",
          "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
        CHECK(utf8_length(text, 0) == 0);
        CHECK_FALSE(is_utf8(std::string("a") + text + "b"));
    }
}
