#include "ctl/zip_file.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::ctl;

TEST_CASE("what was zipped is unzipped") {
    const std::string text(1'000'000, 'x');
    const auto zip = zip_of("export.ndjson", text);
    REQUIRE(zip);
    CHECK(is_zip(*zip));
    const auto again = first_entry(*zip, text.size());
    REQUIRE(again);
    CHECK(*again == text);
    const auto too_large = first_entry(*zip, text.size() - 1);
    REQUIRE_FALSE(too_large);
    CHECK(too_large.error().code == Code::limit);
}

TEST_CASE("an empty file makes a zip too") {
    const auto zip = zip_of("e", "");
    REQUIRE(zip);
    CHECK(first_entry(*zip, 0).value() == "");
}

TEST_CASE("what is no zip is refused") {
    for (const char *text : {"", "{}", "PK", "PK\x03\x04"}) CHECK_FALSE(first_entry(text, 100));
    CHECK_FALSE(is_zip("{\"a\":1}"));
}
