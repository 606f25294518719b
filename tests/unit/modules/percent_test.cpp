#include "common/percent.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

TEST_CASE("percent-encoding keeps only unreserved bytes and those that the caller keeps") {
    CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
    CHECK(percent_encode("a b/c+%\xC3\xBC") == "a%20b%2Fc%2B%25%C3%BC");
    CHECK(percent_encode("a b/c?", "/") == "a%20b/c%3F");
    CHECK(percent_encode(std::string_view("\0", 1)) == "%00");
}

TEST_CASE("percent-decoding takes capitals and small letters and leaves anything else as it is") {
    CHECK(percent_decode("a%20b%2f%2F") == "a b//");
    CHECK(percent_decode("100%, %4, %zz, a+b") == "100%, %4, %zz, a+b");
    CHECK(percent_decode("%") == "%");
    CHECK(percent_decode(percent_encode("any\xFF \x01 bytes%41")) == "any\xFF \x01 bytes%41");
}
