// The module markdown-agnostic: the asset of a row under each option, and the options that are refused.
// Pages are compared as a whole. For cells that attack the page, an independent reader of HTML must find the tags and
// attributes of the module and no others.
#include "attacks.hpp"
#include "fake_host.hpp"
#include "html_structure.hpp"

#include <doctest/doctest.h>

namespace {

using Texts = std::vector<std::string>;

fake_host::RowsOutcome run(const Texts &columns, const Texts &row, const std::string &config) {
    fake_host::Run what;
    what.config = config;
    return fake_host::run(what, {columns, {row}, ""});
}

fake_host::RowAsset asset(const Texts &columns, const Texts &row, const std::string &config = "{}") {
    const auto outcome = run(columns, row, config);
    CHECK(outcome.user_text == "");
    REQUIRE(outcome.status == ANGO_OK);
    return outcome.assets.at(0);
}
std::string page(const Texts &columns, const Texts &row, const std::string &config = "{}") {
    return asset(columns, row, config).data;
}
std::string refusal(const Texts &columns, const std::string &config) {
    const auto outcome = run(columns, Texts(columns.size()), config);
    CHECK(outcome.status == ANGO_FAILED);
    CHECK(outcome.assets.empty());
    return outcome.user_text;
}

std::string titled(const std::string &name, const std::string &cell) {
    return "<h1 style='margin:0 0 15px 0'>" + name + "</h1><div>" + cell + "</div>";
}
std::string section(const std::string &name, const std::string &cell) {
    return "<section style='margin:0 0 1em 0'>" + titled(name, cell) + "</section>";
}
std::string compared(const std::string &name, const std::string &first, const std::string &second) {
    return "<tr><th>" + name + "</th><td style='vertical-align:top'>" + first + "</td><td style='vertical-align:top'>" +
           second + "</td></tr>";
}

const std::string kPaired = R"("paired_columns":true,"paired_prefixes":["o","n"])";

} // namespace

TEST_CASE("names and cells are text, and the page is one line") {
    CHECK(page({"a", "<&>"}, {"\"1\" 'x'", "a\nb\r\nc\rd"}) ==
          section("a", "&quot;1&quot; &#39;x&#39;") + section("&lt;&amp;&gt;", "a<br>b<br>c<br>d"));
    CHECK(page({"a"}, {""}) == section("a", ""));
}

TEST_CASE("a cell of iframe_columns with a web address becomes a frame of our own") {
    const auto frame = [](const std::string &cell) {
        const std::string shown = page({"a"}, {cell}, R"({"iframe_columns":["a"]})");
        const std::string before = section("a", "").substr(0, section("a", "").size() - 16), after = "</div></section>";
        return shown.substr(before.size(), shown.size() - before.size() - after.size());
    };
    const auto of = [](const std::string &address) {
        return "<iframe src='" + address +
               "' sandbox='allow-scripts' style='width:100%;height:400px;border:0'></iframe>";
    };
    CHECK(frame("https://x.test/?a=1&b='2") == of("https://x.test/?a=1&amp;b=&#39;2"));
    CHECK(frame(" HTTP://x.test\n") == of("HTTP://x.test"));
    CHECK(frame("\u00a0https://x.test/\u00e9\u200b") == of("https://x.test/\u00e9"));
    for (const char *cell :
         {"<iframe src='https://x.test/?a&b'></iframe>", " <IFRAME\nSRC=\"https://x.test/?a&amp;b\"></IFRAME>\n",
          "<iframe src=https://x.test/?a&#38;b>",
          "<iframe width='3' src = 'https://x.test/?a&#x26;b' onload='alert(1)'/>",
          "<div><iframe src='https://x.test/?a&b' src='javascript:alert(1)'></iframe></div>",
          "<iframe/src='https://x.test/?a&b'></iframe><script>alert(1)</script>",
          "<iframex src='https://y.test'><iframe src=' https://x.test/?a&b '>"}) {
        CAPTURE(cell);
        CHECK(frame(cell) == of("https://x.test/?a&amp;b"));
    }
}

TEST_CASE("a cell of iframe_columns without a web address is text") {
    const std::string config = R"({"iframe_columns":["a"]})";
    for (const char *cell : {"javascript:alert(1)",
                             "<script>",
                             "ftp://x.test",
                             "https://",
                             "https:///x",
                             "http:x.test",
                             "https://x.test/a b",
                             "https://x.test/\"",
                             "https://x.test/<",
                             "https:\\\\x.test",
                             "https://x.test/\u200bb",
                             "//x.test",
                             "<iframe></iframe>",
                             "<iframe src>",
                             "<iframe src=''>",
                             "<iframe src='https://x.test'",
                             "<iframe src='https://x.test",
                             "<iframe src=\"https://x.test'>",
                             "<iframe srcdoc='https://x.test'>",
                             "<iframe a='src=https://x.test'>",
                             "<iframesrc='https://x.test'>",
                             "<iframe src='javascript:alert(1)' src='https://x.test'>",
                             "<iframe src='&#106;avascript:alert(1)'>",
                             "<iframe src='https&colon;//x.test'>"}) {
        CAPTURE(cell);
        const auto outcome = run({"a"}, {cell}, config);
        REQUIRE(outcome.status == ANGO_OK);
        CHECK(html::structure(html::read(outcome.assets[0].data)) == "section[style] h1[style] /h1 div /div /section");
        CHECK(outcome.logged(ANGO_LOG_WARNING,
                             "A cell of the column \"a\", which option \"iframe_columns\" names, holds no "
                             "http or https address, so it is shown as text: "));
    }
    CHECK(run({"a"}, {" \u00a0"}, config).log.empty());
    const auto twice = fake_host::run({.config = config}, {{"a"}, {{"x"}, {"y"}}, ""});
    CHECK(twice.log.size() == 1);
}

TEST_CASE("no cell becomes an attribute, a script or an open element, whatever the options are") {
    const std::string frame = "iframe[src,sandbox,style] /iframe";
    for (const char *config :
         {"{}", R"({"iframe_columns":["o_x","n_x","c"]})", R"({"two_columns":true,"iframe_columns":["c"]})",
          R"({"paired_columns":true,"paired_prefixes":["o","n"],"iframe_columns":["n_x"]})"}) {
        const Texts columns{"o_x", "n_x", "c"};
        const std::string plain = html::structure(html::read(page(columns, {"x", "x", "x"}, config)));
        for (const std::string &attack : attacks()) {
            CAPTURE(attack);
            const html::Page made = html::read(page(columns, {attack, attack, attack}, config));
            std::string structure = html::structure(made);
            for (std::size_t at = 0; (at = structure.find(frame + " ")) != std::string::npos;)
                structure.erase(at, frame.size() + 1);
            CHECK(structure == plain);
            for (const html::Tag &tag : made.tags)
                if (tag.name == "iframe") CHECK(tag.attributes[0].second.starts_with("http"));
        }
    }
    for (const std::string &attack : attacks()) {
        CAPTURE(attack);
        CHECK(html::structure(html::read(page({attack}, {"x"}))) == "section[style] h1[style] /h1 div /div /section");
    }
}

TEST_CASE("a page is one line for every reader of lines") {
    CHECK(page({"a"}, {"1\v2\f3\u0085"
                       "4\u2028"
                       "5\u2029"
                       "6\u00e9\u20ac"}) == section("a", "1<br>2<br>3<br>4<br>5<br>6\u00e9\u20ac"));
}

TEST_CASE("options find columns without what cannot be seen, and tell what differs in upper and lower case") {
    CHECK(page({"caf\u00e9", "b"}, {"1", "2"}, "{\"ignore_columns\":[\" cafe\u0301\u00a0\"]}") == section("b", "2"));
    const auto outcome = run({"Name", "b"}, {"1", "2"}, R"({"ignore_columns":["name"]})");
    CHECK(outcome.log ==
          std::vector<std::pair<std::uint32_t, std::string>>{
              {ANGO_LOG_WARNING, "Option \"ignore_columns\" names the column \"name\", which the CSV does not "
                                 "have. The column \"Name\" differs from it only in upper and lower case."}});
    CHECK(refusal({"a"}, R"({"prelabel_columns":["A"],"prelabel_schema_ids":["s"]})") ==
          "Option \"prelabel_columns\" names the column \"A\", which the CSV does not have. The column \"a\" differs "
          "from it "
          "only in upper and lower case.");
    CHECK(refusal({"O_x", "n_x"}, "{" + kPaired + "}") ==
          "Option \"paired_prefixes\" names \"o\", but no column of the CSV begins with \"o_\". The column \"O_x\" "
          "begins with "
          "\"O_\", which differs from it only in upper and lower case.");
    CHECK(
        refusal({"o_x", "n_X"}, "{" + kPaired + "}") ==
        "The columns of both prefixes must be the same in the same order, but column \"o_x\" of the CSV stands against "
        "\"n_X\". Their names differ only in upper and lower case.");
    CHECK(asset({"a"}, {"1"}, R"({"prelabel_columns":["a "],"prelabel_schema_ids":[" s "]})").labels ==
          R"({"classifications":[{"schemaId":"s","answer":"1"}]})");
}

TEST_CASE("two columns") {
    const std::string open = "<table style='width:100%;table-layout:fixed'><colgroup><col style='width:33.33%'><col "
                             "style='width:66.67%'></colgroup>";
    const auto cell = [](const std::string &inside) { return "<td style='vertical-align:top'>" + inside + "</td>"; };
    CHECK(page({"a", "b", "c"}, {"1", "2", "3"}, R"({"two_columns":true,"two_columns_ratio":0.33333})") ==
          open + "<tr>" + cell(titled("a", "1")) + cell(titled("b", "2")) + "</tr><tr>" + cell(titled("c", "3")) +
              cell("") + "</tr></table>");
    CHECK(page({"a"}, {"1"}, R"({"two_columns":false,"two_columns_ratio":0.1})") == section("a", "1"));
}

TEST_CASE("pairs are compared below the other columns") {
    const std::string head = "<table style='width:100%'><tr><th></th><th>o</th><th>n</th></tr>";
    CHECK(page({"id", "o_x", "o_y", "n_x", "n_y"}, {"1", "2", "3", "4", "5"}, "{" + kPaired + "}") ==
          section("id", "1") + head + compared("x", "2", "4") + compared("y", "3", "5") + "</table>");
    CHECK(page({"o_x", "n_x"}, {"<", ">"}, "{" + kPaired + "}") == head + compared("x", "&lt;", "&gt;") + "</table>");
    CHECK(page({"n_", "o_"}, {"1", "2"}, "{" + kPaired + "}") == head + compared("", "2", "1") + "</table>");
    CHECK(page({"o_x"}, {"1"}, R"({"paired_columns":false,"paired_prefixes":["o"]})") == section("o_x", "1"));
}

TEST_CASE("pairs that are none are refused") {
    const auto says = [](const Texts &columns, const std::string &config, const std::string &what) {
        const std::string text = refusal(columns, config);
        INFO(text);
        CHECK(text.find(what) != std::string::npos);
    };
    const std::string config = "{" + kPaired + "}";
    says({"o_x"}, config, "no column of the CSV begins with \"n_\"");
    says({"o_x", "z", "o_y", "n_x", "n_y"}, config, "\"z\" stands between \"o_x\" and \"o_y\"");
    says({"o_x", "n_x", "o_y", "n_y"}, config, "\"n_x\" stands between \"o_x\" and \"o_y\"");
    says({"o_x", "o_y", "n_y", "n_x"}, config, "column \"o_x\" of the CSV stands against \"n_y\"");
    says({"o_x", "o_y", "n_x"}, config, "Column \"o_y\" of the CSV has no counterpart \"n_y\"");
    says({"o_x", "n_x", "n_y"}, config, "Column \"n_y\" of the CSV has no counterpart \"o_y\"");
    for (const char *prefixes : {"[]", "[\"o\"]", "[\"o\",\"o\"]", "[\"o\",\"\"]", "[\"o\",\"n\",\"x\"]"})
        says({"o_x", "n_x"}, R"({"paired_columns":true,"paired_prefixes":)" + std::string(prefixes) + "}",
             "two different prefixes");
}

TEST_CASE("answers come from the cells of prelabel_columns") {
    const std::string config = R"({"prelabel_columns":["a","b"],"prelabel_schema_ids":["s1","s\"2"]})";
    CHECK(asset({"a", "b"}, {"x\n\"", "y"}, config).labels ==
          R"({"classifications":[{"schemaId":"s1","answer":"x\n\""},{"schemaId":"s\"2","answer":"y"}]})");
    CHECK(asset({"a", "b"}, {"", "y"}, config).labels == R"({"classifications":[{"schemaId":"s\"2","answer":"y"}]})");
    CHECK(asset({"a", "b"}, {"", ""}, config).labels == "");
    CHECK(asset({"a"}, {"x"}).labels == "");
    CHECK(refusal({"a"}, R"({"prelabel_columns":["a"]})").find("1 entries and \"prelabel_schema_ids\" 0") !=
          std::string::npos);
    CHECK(refusal({"a"}, R"({"prelabel_columns":["b"],"prelabel_schema_ids":["s"]})").find("names the column \"b\"") !=
          std::string::npos);
    CHECK(refusal({"a"}, R"({"prelabel_columns":["a"],"prelabel_schema_ids":[""]})").find("has no schemaId") !=
          std::string::npos);
}

TEST_CASE("a column that the CSV lacks is a warning where it matters little") {
    const auto outcome = run({"abcd"}, {"1"}, R"({"ignore_columns":["abce"],"iframe_columns":["q"]})");
    CHECK(outcome.logged(
        ANGO_LOG_WARNING,
        "\"ignore_columns\" names the column \"abce\", which the CSV does not have; did you mean \"abcd\"?"));
    CHECK(outcome.logged(ANGO_LOG_WARNING, "\"iframe_columns\" names the column \"q\""));
    CHECK(refusal({"a"}, R"({"ignore_columns":["a"]})").find("nothing to show") != std::string::npos);
}
