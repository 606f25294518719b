#include "base/printable.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("plain text, umlauts and emojis stay as they are") {
    for (const char *text : {"", "plain ~text!", "gr\u00fc\u00df dich", "\u4f60\u597d", "\U0001f600"})
        CHECK(printable(text) == text);
}

TEST_CASE("nothing can control a terminal or break a line") {
    CHECK(printable("a\nb\rc\td\x1b[2Je\x7f") == "a b c d [2Je ");
    CHECK(printable(std::string_view("a\0b", 3)) == "a b");
    CHECK(printable("\u009b31mred\u0085next") == " 31mred next");
    CHECK(printable("a\u2028b\u2029c\u202ed\u2066e\u200ff\ufeffg") == "a b c d e f g");
}

TEST_CASE("bytes that are no UTF-8 become a replacement character each") {
    CHECK(printable("a\xff\xc3(\xe2\x82") == "a\ufffd\ufffd(\ufffd\ufffd");
}
