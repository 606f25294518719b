#include "base/percent.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("everything but unreserved characters is percent-encoded") {
    CHECK(percent_encode("a-Z_0.~") == "a-Z_0.~");
    CHECK(percent_encode("[\"a b\"]&ü") == "%5B%22a%20b%22%5D%26%C3%BC");
    CHECK(percent_encode("a/b+c") == "a%2Fb%2Bc");
    CHECK(percent_encode(std::string("\0\x7f\xff", 3)) == "%00%7F%FF");
    CHECK(percent_encode("") == "");
}

TEST_CASE("the slashes of a path stay") { CHECK(percent_encode_path("a b/c%d/") == "a%20b/c%25d/"); }

TEST_CASE("strict decoding takes no '%' that begins nothing") {
    CHECK(percent_decode("p%40s%3As%25") == "p@s:s%");
    CHECK(percent_decode("%c3%BC+") == "ü+");
    CHECK(percent_decode("") == "");
    for (const char *bad : {"%", "a%4", "%zz", "%4g", "%%41", "% 1", "%+1", "%-1"}) CHECK(!percent_decode(bad));
}

TEST_CASE("lenient decoding leaves such a '%' as it is") {
    CHECK(percent_decode_leniently("a%20b%") == "a b%");
    CHECK(percent_decode_leniently("%4") == "%4");
    CHECK(percent_decode_leniently("%zz%41+") == "%zzA+");
    CHECK(percent_decode_leniently("%%41") == "%A");
}

TEST_CASE("in a form '+' is a blank, and %2B a plus") { CHECK(form_decode("a+b%2Bc%20d%") == "a b+c d%"); }

TEST_CASE("what was encoded is decoded to the same") {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CHECK(percent_decode(percent_encode(all)) == all);
    CHECK(form_decode(percent_encode(all)) == all);
}
