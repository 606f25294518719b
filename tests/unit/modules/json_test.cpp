#include "common/json.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace ango::common;

TEST_CASE("numbers are read exactly, whatever their form") {
    JsonParser parser;
    const Json *list =
        parser.parse("[0.1, -0, 1E2, 17e-1, 123456789012345678901234567890, 2.2250738585072014e-308, 1e-999]");
    REQUIRE(list);
    CHECK((*list)[0u].GetDouble() == 0.1);
    CHECK((*list)[1].GetDouble() == 0);
    CHECK((*list)[2].GetDouble() == 100);
    CHECK((*list)[3].GetDouble() == 1.7);
    CHECK((*list)[4].GetDouble() == 123456789012345678901234567890.0);
    CHECK((*list)[5].GetDouble() == 2.2250738585072014e-308);
    CHECK((*list)[6].GetDouble() == 0);
}

TEST_CASE("a number whose digits overflow is no finite number") {
    JsonParser parser;
    const Json *list = parser.parse("[99e308]");
    REQUIRE(list);
    CHECK_FALSE(finite_number(&(*list)[0u]));
}

TEST_CASE("NaN, Infinity and numbers beyond a double are read as numbers that are not finite") {
    JsonParser parser;
    for (const char *text : {"NaN", "-NaN", "nan", "Infinity", "-Infinity", "+Infinity", "inf", "-inf", "1e400",
                             "-1e400", "1E+400", "1.5e309", "123456789e305", "2e308"}) {
        CAPTURE(text);
        const Json *list = parser.parse(std::string("[1.5,") + text + " , {\"a\":" + text + "},\"" + text + "\"]");
        REQUIRE(list);
        CHECK((*list)[0u].GetDouble() == 1.5);
        CHECK((*list)[1].IsNumber());
        CHECK_FALSE(finite_number(&(*list)[1]));
        CHECK_FALSE(finite_number(find(&(*list)[2], "a")));
        CHECK(text_of(&(*list)[3]) == text); // a text stays as it is
    }
    const std::string digits(400, '7');
    CHECK_FALSE(finite_number(&(*parser.parse("[" + digits + "]"))[0u]));
    CHECK_FALSE(finite_number(&(*parser.parse("[-" + digits + ".5]"))[0u]));
    CHECK(finite_number(&(*parser.parse("[0e400]"))[0u]) == 0);
    CHECK(finite_number(&(*parser.parse("[0.000001e310]"))[0u]) == 1e304);
    CHECK(finite_number(&(*parser.parse("[1e-400]"))[0u]) == 0);
}

TEST_CASE("words that are no numbers stay errors, at their place, also beside a NaN") {
    JsonParser parser;
    for (const char *text :
         {"[NaN, nano]", "[NaN, tru ]", "[NaN, -]", "[NaN, 1e]", "[NaN, Inf1]", "[NaN, +1]", "[NaN, .5]"}) {
        CAPTURE(text);
        CHECK_FALSE(parser.parse(text));
        CHECK(parser.error_offset() >= 6);
        CHECK(parser.error_offset() <= 10);
    }
    CHECK_FALSE(parser.parse("{NaN:1}"));
}

TEST_CASE("errors tell where they are") {
    JsonParser parser;
    CHECK_FALSE(parser.parse(R"({"a":1,})"));
    CHECK(parser.error_offset() == 7);
    CHECK_FALSE(parser.parse(R"({"a":)"));
    CHECK(parser.error_offset() == 5);
    CHECK_FALSE(parser.parse("{} {}"));
    CHECK(parser.error_offset() == 3);
    CHECK_FALSE(parser.parse(""));
    CHECK_FALSE(parser.error().empty());
}

TEST_CASE("a zero byte does not hide what follows it") {
    JsonParser parser;
    CHECK_FALSE(parser.parse(std::string_view("{}\0{}", 5)));
    CHECK(parser.error_offset() == 2);
    CHECK_FALSE(parser.parse(std::string_view("\"a\0b\"", 5)));
}

TEST_CASE("a million brackets neither crash nor parse") {
    JsonParser parser;
    CHECK_FALSE(parser.parse(std::string(1'000'000, '[')));
    const Json *deep = parser.parse(std::string(500'000, '[') + std::string(500'000, ']'));
    CHECK(deep);
    CHECK(parser.parse("{}")); // and the next record is none the worse
}

TEST_CASE("records larger than the kept memory parse, and small ones after them") {
    JsonParser parser;
    std::string large = "[";
    for (int i = 0; i < 300'000; ++i) large += "[1,2],";
    large += "0]";
    for (int round = 0; round < 4; ++round) {
        const Json *value = parser.parse(large);
        REQUIRE(value);
        CHECK(value->Size() == 300'001);
        CHECK(parser.parse("[1]")->Size() == 1);
    }
}

TEST_CASE("page numbers are whole and not negative") {
    JsonParser parser;
    const Json *list = parser.parse(R"([3, 3.0, -1, 1.5, 1e300, "3", null])");
    CHECK(whole_number(&(*list)[0u]) == 3);
    CHECK(whole_number(&(*list)[1]) == 3);
    for (unsigned i = 2; i < list->Size(); ++i) CHECK_FALSE(whole_number(&(*list)[i]));
}

TEST_CASE("an escaped half of a surrogate pair becomes a replacement character instead of costing the record") {
    JsonParser parser;
    const Json *record = parser.parse(R"({"a":"\ud83d half","b":"\ud83d\ude00","c":"\\ud83d"})");
    REQUIRE(record);
    CHECK(text_of(find(record, "a")) == "\xef\xbf\xbd half");
    CHECK(text_of(find(record, "b")) == "\xf0\x9f\x98\x80");
    CHECK(text_of(find(record, "c")) == "\\ud83d");
    const Json *both = parser.parse(R"({"a":"\ud83d NaN \" 1e400","b":NaN,"c":"\\","d":1e400})");
    REQUIRE(both);
    CHECK(text_of(find(both, "a")) == "\xef\xbf\xbd NaN \" 1e400");
    CHECK_FALSE(finite_number(find(both, "b")));
    CHECK_FALSE(finite_number(find(both, "d")));
    CHECK_FALSE(parser.parse(R"({"a":"\ud83d",})"));
    CHECK(parser.error_offset() == 14);
}
