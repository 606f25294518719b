#include "ctl/zip_file.hpp"
#include "printing.hpp"

#include "unpack/export_zip.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::ctl;

TEST_CASE("what was zipped is unzipped") {
    const std::string text = "[" + std::string(1'000'000, ' ') + "]";
    std::vector<std::string> left_out;
    const auto zip = zip_of("export.ndjson", text);
    REQUIRE(zip);
    CHECK(is_zip(*zip));
    const auto again = parts_of(*zip, text.size(), left_out);
    REQUIRE(again);
    REQUIRE(again->size() == 1);
    CHECK(again->front().name == "export.ndjson");
    CHECK(again->front().text == text);
    const auto too_large = parts_of(*zip, text.size() - 1, left_out);
    REQUIRE_FALSE(too_large);
    CHECK(too_large.error().code == Code::limit);
    CHECK(left_out.empty());
}

TEST_CASE("an empty file makes a zip too") {
    std::vector<std::string> left_out;
    const auto zip = zip_of("e", "");
    REQUIRE(zip);
    CHECK(parts_of(*zip, 0, left_out).value().front().text == "");
}

TEST_CASE("what is no zip is refused") {
    std::vector<std::string> left_out;
    for (const char *text : {"", "{}", "PK", "PK\x03\x04"}) CHECK_FALSE(parts_of(text, 100, left_out));
    CHECK_FALSE(is_zip("{\"a\":1}"));
}

TEST_CASE("a zip that is cut off is refused, although its file is there") {
    std::vector<std::string> left_out;
    const std::string padded = zip_of("export.ndjson", "{}").value(); // with zeros up to a whole block
    const std::string zip = padded.substr(0, padded.rfind("PK\5\6") + 22);
    REQUIRE(parts_of(zip, 100, left_out).has_value());
    for (std::size_t size = 0; size < zip.size(); ++size) CHECK_FALSE(parts_of(zip.substr(0, size), 100, left_out));
    CHECK(parts_of(zip.substr(0, zip.size() - 1), 100, left_out).error().text ==
          "the export is incomplete: its zip ends too early. Download or make it again.");
}
