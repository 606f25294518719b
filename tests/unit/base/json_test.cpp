#include "base/json.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("the members of an object come as they stand in the text") {
    const std::string text = R"( { "a" : 1.50 , "b":{"x":[1, 2]},"c":"q\"\u00e9", "d":[ ] ,"e":null, "":true} )";
    const auto members = json::members(text);
    REQUIRE(members);
    REQUIRE(members->size() == 6);
    CHECK((*members)[0].value == "1.50");
    CHECK((*members)[1].value == R"({"x":[1, 2]})");
    CHECK((*members)[2].value == R"("q\"\u00e9")");
    CHECK((*members)[3].value == "[ ]");
    CHECK((*members)[4].value == "null");
    CHECK((*members)[5].name == "");
    CHECK((*members)[5].value == "true");
}

TEST_CASE("texts in members are checked, though they are not kept") {
    CHECK(json::members("{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80 \\u00e9\\ud83d\\ude00\"}"));
    for (const char *text :
         {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\\ud83d", "\\x", "\n"})
        for (const std::string &object : {"{\"a\":\"" + std::string(text) + "\"}", "{\"" + std::string(text) + "\":1}",
                                          "{\"a\":[{\"b\":\"" + std::string(text) + "\"}]}"}) {
            INFO(object);
            CHECK_FALSE(json::members(object));
            CHECK_FALSE(json::check(object));
        }
}

TEST_CASE("names of members are unescaped") {
    const auto members = json::members("{\"\\u0061\\\"\" : 1 , \"\\ud83d\\ude00,:\":2}");
    REQUIRE(members);
    CHECK((*members)[0].name == "a\"");
    CHECK((*members)[1].name == "\U0001f600,:");
    CHECK((*members)[1].value == "2");
}

TEST_CASE("the elements of an array come as they stand in the text") {
    const auto elements = json::elements(R"(["plugin", {"n": -1e3} ,[[]], "" , 7])");
    REQUIRE(elements);
    CHECK(*elements == std::vector<std::string_view>{R"("plugin")", R"({"n": -1e3})", "[[]]", R"("")", "7"});
    CHECK(json::elements("[]")->empty());
}

TEST_CASE("what is no array or object, or is followed by something, is refused") {
    CHECK(!json::elements("{}"));
    CHECK(!json::members("[]"));
    CHECK(!json::members("7"));
    CHECK(!json::members(""));
    CHECK(!json::elements("[1] x"));
    CHECK(!json::elements("[1,]"));
}

TEST_CASE("nesting beyond the limit is an error of its own, however deep") {
    const std::string deep(100'000, '[');
    const auto parsed = json::parse(deep);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == Code::limit);
    CHECK(json::elements(deep).error().code == Code::limit);
    CHECK(json::parse(std::string(64, '[') + std::string(64, ']')));
    CHECK(json::parse(std::string(65, '[') + std::string(65, ']')).error().code == Code::limit);
}

TEST_CASE("an error names line and column") {
    CHECK(json::parse("{\n  \"a\": nope\n}").error().text.find("line 2, column 9") != std::string::npos);
}

TEST_CASE("comments and trailing commas are allowed only where they are asked for") {
    const std::string text = "{ // c\n \"a\": 1, /* d */ }";
    CHECK(json::parse(text, {.relaxed = true}));
    CHECK(!json::parse(text));
}

TEST_CASE("any bytes can be quoted, and give valid JSON") {
    CHECK(json::quote("a\"\\\n\x01") == R"("a\"\\\n\u0001")");
    CHECK(json::quote("\xff"
                      "a\xc3") == "\"\xef\xbf\xbd"
                                  "a\xef\xbf\xbd\"");
    CHECK(json::unquote(json::quote("grün \xf0\x9f\x99\x82")) == "grün \xf0\x9f\x99\x82");
}

TEST_CASE("only a string token is unquoted") {
    CHECK(json::unquote(R"("a\tb")") == "a\tb");
    CHECK(!json::unquote("12"));
    CHECK(!json::unquote(R"("a)"));
}

TEST_CASE("escaped halves of surrogate pairs are replaced, whole pairs and escaped backslashes stay") {
    CHECK(json::without_half_pairs(R"("\ud83d\ude00 \ud83d x \ude00 \\ud83d \ud83d")") ==
          R"("\ud83d\ude00 \ufffd x \ufffd \\ud83d \ufffd")");
    CHECK(json::without_half_pairs("\\ud8") == "\\ud8");
    CHECK(!json::check(R"("\ud83d")"));
    CHECK(json::check(json::without_half_pairs(R"("\ud83d")")));
}

TEST_CASE("a value is true where Python takes it for true") {
    for (const char *token : {"true", "1", "-1", "0.5", "1e-9", "10", R"("0")", R"("false")", "[0]", R"({"a":0})"})
        CHECK_MESSAGE(json::truthy(token), token);
    for (const char *token : {"false", "null", "0", "-0", "0.0", "0e7", "-0.00E+5", R"("")", "[]", "[ ]", "{}", "{\n}"})
        CHECK_MESSAGE(!json::truthy(token), token);
}

TEST_CASE("byte order marks in front are ignored") {
    const std::string mark = "\xef\xbb\xbf", twice = mark + mark;
    for (const std::string &in_front : {mark, twice}) {
        CHECK(json::parse(in_front + "{\"a\":1}"));
        CHECK(json::check(in_front + "[1]"));
        CHECK(json::elements(in_front + "[1,2]")->at(1) == "2");
        CHECK(json::members(in_front + "{\"a\":1}")->at(0).value == "1");
    }
    CHECK(!json::parse("{}" + mark));
    CHECK(!json::parse(mark));
}
