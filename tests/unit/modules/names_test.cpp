// Names as people see them: what counts as a blank, how it is shown, and how two names differ.
#include "common/names.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

namespace {

std::string visible(std::string_view text) {
    std::string out;
    append_visible(out, text);
    return out;
}

} // namespace

TEST_CASE("blanks at the ends are every space of Unicode, and all that has no shape") {
    for (const char *blank :
         {" ",      "\t",     "\r\n",   "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u3000", "\u0085", "\u2800",
          "\u200b", "\u200e", "\u202e", "\u2060", "\u00ad", "\ufeff", "\u3164", "\ufe0f", "\x01",   "\x7f"}) {
        CAPTURE(blank);
        const std::string around = blank + std::string("a") + blank + "b" + blank + blank;
        CHECK(without_blanks(around) == std::string("a") + blank + "b");
        CHECK(is_blank(blank));
    }
    CHECK(is_blank(""));
    CHECK(without_blanks("a") == "a");
    for (const char *seen : {"-", ".", "\u00e9", "e\u0301", "\U0001f600", "\xff", "\xe2\x80"})
        CHECK_FALSE(is_blank(seen));
    CHECK(without_blanks(" \xff\x80 ") == "\xff\x80"); // no UTF-8
}

TEST_CASE("what cannot be seen is made visible") {
    CHECK(visible("name ") == "name\u2420");
    CHECK(visible(" a b  c") == "\u2420a b\u2420\u2420c");
    CHECK(visible("a\u00a0b") == "a<U+00A0>b");
    CHECK(visible("\ufeffa\u200b\tb\n") == "<U+FEFF>a<U+200B><U+0009>b<U+000A>");
    CHECK(visible("\u202eabc") == "<U+202E>abc"); // a terminal would turn the rest around
    CHECK(visible("\u00e9\U0001f600\xff") == "\u00e9\U0001f600\xff");
    CHECK(visible("") == "");
}

TEST_CASE("names that look the same have the same look") {
    CHECK(look_of(" a\u00a0\u200b b ") == "a b");
    CHECK(look_of("e\u0301") == "\u00e9");
    CHECK(look_of("\u212b") == "\u00c5"); // the sign of the unit is the letter
    CHECK(look_of("A") == "A");
    CHECK(caseless_look_of("STRASSE \u00c9") == caseless_look_of("stra\u00dfe e\u0301"));
    CHECK(caseless_look_of("A b") == "a b");
    CHECK(look_of("\xff") == "\xff");
    CHECK(look_of(std::string(513, ' ')) == std::string(513, ' '));
}

TEST_CASE("the look of a long run of marks takes no time") {
    std::string marks = "a";
    while (marks.size() < 1'000'000) marks += "\u0301\u0316"; // two classes, in the wrong order each time
    CHECK(look_of(marks) == marks);
    CHECK(look_of(marks.substr(0, 501)) != marks.substr(0, 501));
}

TEST_CASE("a difference that a reader may miss is named") {
    CHECK(difference("a", "a") == std::nullopt);
    CHECK(difference("a", "b") == std::nullopt);
    CHECK(difference("a", "a ") == Difference::invisible);
    CHECK(difference("a b", "a\u00a0b") == Difference::invisible);
    CHECK(difference("\u00e9", "e\u0301") == Difference::normal_form);
    CHECK(difference("\u00e9", "\u00c9") == Difference::letter_case);
    CHECK(difference("a", " A") == Difference::letter_case);
    CHECK(difference("\xff", "\xfe") == std::nullopt);
    CHECK(said(Difference::invisible) == "in blanks or other characters that cannot be seen");
    CHECK(said(Difference::normal_form) == "in the Unicode form of accented letters (NFC or NFD)");
    CHECK(said(Difference::letter_case) == "in upper and lower case");
}

TEST_CASE("an index finds the equal name first, then one that looks the same, then one in another case") {
    NameIndex names(std::vector<std::string>{"caf\u00e9", "Name", "name", "a b"});
    names.add("name ");
    CHECK(names.size() == 5);
    CHECK(names[4] == "name ");
    const auto is = [&](std::string_view name, std::size_t index, std::optional<Difference> how) {
        const auto found = names.find(name);
        REQUIRE(found);
        CHECK(found->index == index);
        CHECK(found->difference == how);
        CHECK(names.same(name) == (how == Difference::letter_case ? std::nullopt : std::optional(index)));
    };
    is("name", 2, std::nullopt);
    is("name ", 4, std::nullopt);
    is(" name", 2, Difference::invisible);
    is("NAME", 1, Difference::letter_case);
    is("cafe\u0301", 0, Difference::normal_form);
    is("CAFE\u0301", 0, Difference::letter_case);
    is("a\u00a0b", 3, Difference::invisible);
    CHECK_FALSE(names.find("other"));
    CHECK_FALSE(NameIndex().same(""));
}
