// The module markdown: placeholders in the text of the user.
#include "fake_host.hpp"

#include <doctest/doctest.h>

namespace {

using Texts = std::vector<std::string>;

fake_host::RowsOutcome run(const std::string &markdown, const Texts &columns, const std::vector<Texts> &rows,
                           const std::string &config = "{}", const std::string &settings = "{}") {
    fake_host::Run what;
    what.config = config;
    what.settings = settings;
    return fake_host::run(what, {columns, rows, markdown});
}

/// The asset that is made of one row.
std::string text(const std::string &markdown, const Texts &columns, const Texts &row) {
    const auto outcome = run(markdown, columns, {row});
    REQUIRE(outcome.status == ANGO_OK);
    return outcome.assets.at(0).data;
}

/// The names in the warning to the user; empty: there is no warning.
std::string unknown(const std::string &markdown, const Texts &columns = {"a"}) {
    const auto outcome = run(markdown, columns, {Texts(columns.size())});
    if (outcome.log.empty()) return "";
    REQUIRE(outcome.log.size() == 1);
    const std::string &said = outcome.log[0].second;
    const std::string start = "The CSV has no column for ", end = " in the markdown text";
    REQUIRE(said.starts_with(start));
    return said.substr(start.size(), said.find(end) - start.size());
}

/// Replaces in one pass, a character at a time.
std::string reference(const std::string &markdown, const Texts &columns, const Texts &row) {
    std::string out;
    for (std::size_t at = 0; at < markdown.size();) {
        std::size_t taken = 0;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string placeholder = "|" + columns[i] + "|";
            if (taken || markdown.compare(at, placeholder.size(), placeholder) != 0) continue;
            out += row[i];
            taken = placeholder.size();
        }
        if (!taken) out += markdown[at];
        at += taken ? taken : 1;
    }
    return out;
}

} // namespace

TEST_CASE("cells stand in place of |column|, as often as it does") {
    CHECK(text("|a|-|b||a|", {"a", "b"}, {"1", "2"}) == "1-21");
    CHECK(text("|a|", {"a"}, {""}) == "");
    CHECK(text("no bars", {"a"}, {"1"}) == "no bars");
    CHECK(text("|a b|", {"a b"}, {"1"}) == "1");
    CHECK(text("|\u00e9|", {"\u00e9"}, {"\u20ac"}) == "\u20ac");
    CHECK(text("||", {""}, {"1"}) == "1");
}

TEST_CASE("a bar that ends nothing may begin something") {
    CHECK(text("|x|a|", {"a"}, {"1"}) == "|x1");
    CHECK(text("|a|a|", {"a"}, {"1"}) == "1a|");
    CHECK(text("||a||", {"a"}, {"1"}) == "|1|");
    CHECK(text("|a", {"a"}, {"1"}) == "|a");
}

TEST_CASE("names with bars in them are found") {
    CHECK(text("|a|b| |a|", {"a|b"}, {"1"}) == "1 |a|");
    CHECK(text("|x|y|z|", {"x|y|z", "y"}, {"1", "2"}) == "1");
}

TEST_CASE("the text of a cell is neither read again nor escaped") {
    CHECK(text("|a||b|", {"a", "b"}, {"|b|", "<i>&amp;"}) == "|b|<i>&amp;");
    CHECK(text("|a|b|", {"a", "1b"}, {"|1", "x"}) == "|1b|");
}

TEST_CASE("capitals matter") { CHECK(text("|A|", {"a"}, {"1"}) == "|A|"); }

TEST_CASE("every text of few letters is as the reference has it") {
    const std::string letters = "|ab";
    for (std::size_t n = 0; n < 6561; ++n) {
        std::string markdown;
        for (std::size_t i = 0, rest = n; i < 8; ++i, rest /= 3) markdown += letters[rest % 3];
        const Texts columns{"a", "ab", "b"}, row{"1", "|2|", "3"};
        if (text(markdown, columns, row) != reference(markdown, columns, row)) FAIL(markdown);
    }
}

TEST_CASE("placeholders without a column are named once, tables are not taken for them") {
    CHECK(unknown("|b| |a| |b| |c d|") == "|b|, |c d|");
    CHECK(unknown("| b | c |\n|---|:-:|\n| 1 | 2 |") == "");
    CHECK(unknown("|b\nc| |<b>|") == "");
    CHECK(unknown("|a| b") == "");
    CHECK(unknown("|" + std::string(65, 'x') + "|") == "");
    std::string many;
    for (int i = 0; i < 30; ++i) many += "|x" + std::to_string(i) + "| ";
    CHECK(unknown(many).ends_with("|x19|"));
}

TEST_CASE("an empty text ends the run before its first row") {
    const auto outcome = run("", {"a"}, {{"1"}});
    CHECK(outcome.status == ANGO_FAILED);
    CHECK(outcome.user_text.starts_with("The run has no markdown text"));
    CHECK(outcome.assets.empty());
}

TEST_CASE("options of the host are known, others are not, and they are the run's") {
    CHECK(run("x", {"a"}, {}, R"({"batch_name_column":"IGNORE","external_id_columns":["a"],"upload_batch_size":3})")
              .log.empty());
    CHECK(run("x", {"a"}, {}, R"({"title_spacing":3})").logged(ANGO_LOG_WARNING, "\"title_spacing\" is unknown"));
    CHECK(run("x", {"a"}, {}, "{}", R"({"upload_batch_size":3})")
              .logged(ANGO_LOG_WARNING, "no effect in the plugin's settings"));
    CHECK(run("x", {"a"}, {}, "{}", "[]").created == ANGO_FAILED);
}
