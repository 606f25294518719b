#include "host_protocol/wire.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace angod::host_protocol;

TEST_CASE("numbers are little-endian and as wide as their type, texts have their length before them") {
    std::string out;
    WireWriter writer(out);
    writer(std::uint8_t{1}, std::uint32_t{0x01020304}, std::int64_t{-2}, std::string("ab"));
    CHECK(out == std::string("\x01"
                             "\x04\x03\x02\x01"
                             "\xfe\xff\xff\xff\xff\xff\xff\xff"
                             "\x02\0\0\0ab",
                             19));
}

TEST_CASE("fields come out as they went in") {
    std::string out;
    WireWriter writer(out);
    const auto least = std::numeric_limits<std::int64_t>::min();
    writer(least, std::string("\0x", 2), std::string(), std::uint64_t{~0ull});
    WireReader reader(out);
    std::int64_t number = 0;
    std::string text, empty = "x";
    std::uint64_t big = 0;
    reader(number, text, empty, big);
    CHECK(reader.complete());
    CHECK(number == least);
    CHECK(text == std::string("\0x", 2));
    CHECK(empty.empty());
    CHECK(big == ~0ull);
}

TEST_CASE("what is short, or left over, or promises more than there is, is not complete") {
    std::uint32_t number = 0;
    std::string text;
    WireReader cut(std::string_view("\1\2\3", 3));
    cut(number);
    CHECK(!cut.complete());
    WireReader more(std::string_view("\1\0\0\0x", 5));
    more(number);
    CHECK(!more.complete());
    WireReader promising(std::string_view("\xff\xff\xff\xffx", 5));
    promising(text);
    CHECK(!promising.complete());
    CHECK(text.empty());
}
