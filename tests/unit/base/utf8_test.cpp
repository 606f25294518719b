#include "base/utf8.hpp"

#include <doctest/doctest.h>

using angod::beginning_of;

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
