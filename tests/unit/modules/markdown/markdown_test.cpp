// The module markdown: placeholders in the text of the user, and what a cell becomes at each place of the text.
// The last test puts every attack of attacks.hpp into every place. An independent reader of HTML must then find the same
// tags and attributes as with harmless cells.
#include "attacks.hpp"
#include "fake_host.hpp"
#include "html_structure.hpp"

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

TEST_CASE("the text of a cell is not read again, and stays as it is where it is only text") {
    CHECK(text("|a||b|", {"a", "b"}, {"|b|", "&amp; 1 < 2 > *x*"}) == "|b|&amp; 1 < 2 > *x*");
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
    CHECK(unknown("| a | b |\n|---|---|\n| |a| | 1 |") == "");
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

TEST_CASE("a column is found by what can be seen of its name, and what differs otherwise is told") {
    CHECK(text("|cafe\u0301| |a\u00a0b| |c\u200b|", {"caf\u00e9", "a b", "c"}, {"1", "2", "3"}) == "1 2 3");
    const auto said = [](const std::string &markdown) {
        const auto outcome = run(markdown, {"Name", "x"}, {{"1", "2"}});
        REQUIRE(outcome.log.size() == 1);
        CHECK(outcome.assets.at(0).data == markdown);
        return outcome.log[0].second;
    };
    const std::string start = "The CSV has no column for ", end =
                                                                " in the markdown text. It stays there as it is. Names "
                                                                "must be equal, capital letters included.";
    CHECK(said("|name|") ==
          start + "|name|" + end + " The column \"Name\" differs from |name| only in upper and lower case.");
    CHECK(said("| Name |") ==
          start + "|\u2420Name\u2420|" + end +
              " The column \"Name\" differs from |\u2420Name\u2420| only in blanks or other characters "
              "that cannot be seen.");
}

TEST_CASE("a cell in text begins no tag and no link to a script") {
    const auto cell = [](const std::string &of) { return text("|a|", {"a"}, {of}); };
    CHECK(cell("<b>x</b> <!-- <?x <https://a.test> a<b") == "&lt;b>x&lt;/b> &lt;!-- &lt;?x &lt;https://a.test> a&lt;b");
    CHECK(cell("1 < 2 <3 <= <") == "1 < 2 <3 <= &lt;");
    CHECK(cell("a<br>b<BR/>c<br />d<br x>") == "a<br>b<BR/>c<br />d&lt;br x>");
    CHECK(cell("[x](https://a.test/b) ![y](c.png) [z](#d) [m](mailto:a@b.test)") ==
          "[x](https://a.test/b) ![y](c.png) [z](#d) [m](mailto:a@b.test)");
    CHECK(cell("[x](javascript:alert(1))") == "[x]&#40;javascript:alert(1))");
    CHECK(cell("[x]( <JAVASCRIPT:a>)") == "[x]&#40; &lt;JAVASCRIPT:a>)");
    CHECK(cell("[x](java&#115;cript:a)") == "[x]&#40;java&#115;cript:a)");
    CHECK(cell("[x]: data:text/html,a") == "[x]&#58; data:text/html,a");
    CHECK(cell("![x](data:image/png;base64,AA==)") == "![x](data:image/png;base64,AA==)");
    CHECK(text("|a||b|", {"a", "b"}, {"[x]", "(javascript:a)"}) == "[x]&#40;javascript:a)");
    CHECK(text("|a||b|", {"a", "b"}, {"[x](java", "script:a)"}) == "[x]&#40;javascript:a)");
    CHECK(text("|a|(|b|)", {"a", "b"}, {"[x]", "javascript:a"}) == "[x&#93;(javascript:a)");
    CHECK(text("|a|: |b|", {"a", "b"}, {"[x]", "javascript:a"}) == "[x&#93;: javascript:a");
    CHECK(text("[|a|]: |b|", {"a", "b"}, {"x", "javascript:a"}) == "[x]&#58; javascript:a");
    CHECK(text("[|a|]: |b|", {"a", "b"}, {"x", "https://a.test"}) == "[x]: https://a.test");
    CHECK(text("<|a|", {"a"}, {"script>"}) == "&lt;script>");
    CHECK(text("</|a|>", {"a"}, {"div"}) == "&lt;/div>");
    CHECK(text("x <n;|a|", {"a"}, {"1"}) == "x &lt;n;1");
    CHECK(text("x <n;b <|a|", {"a"}, {"1"}) == "x &lt;n;b &lt;1");
    CHECK(text("x <n;b y='>' |a| <n;> |a|", {"a"}, {"1"}) == "x &lt;n;b y='>' 1 <n;> 1");
    CHECK(text("<!-- |a| -->|a|", {"a"}, {"-->"}) == "<!--  -->-->");
}

TEST_CASE("a cell in a row of a Markdown table stays one cell") {
    CHECK(text("|a|\n\n| A | B |\n|---|---|\n| |a| | |b||\n\n|a|", {"a", "b"}, {"1|2\r\n3", "4\\"}) ==
          "1|2\r\n3\n\n| A | B |\n|---|---|\n| 1&#124;2<br>3 | 4&#92;|\n\n1|2\r\n3");
}

TEST_CASE("a cell in an attribute stays inside of it") {
    CHECK(text("<img alt=\"|a|\" title='|a|' class=|a|>", {"a"}, {"\"'<>&`|\n"}) ==
          "<img alt=\"&quot;&#39;&lt;&gt;&amp;&#96;&#124;&#10;\" title='&quot;&#39;&lt;&gt;&amp;&#96;&#124;&#10;' "
          "class=\"&quot;&#39;&lt;&gt;&amp;&#96;&#124;&#10;\">");
    CHECK(text("<p style=\"width:|a|\">", {"a"}, {"30%"}) == "<p style=\"width:30%\">");
    CHECK(text("<p style=\"width:|a|\">", {"a"}, {"1;x:y"}) == "<p style=\"width:\">");
}

TEST_CASE("a cell is an address only if it runs no script") {
    const auto link = [](const std::string &cell) { return text("[x](|a|) <img src=\"|a|\">", {"a"}, {cell}); };
    CHECK(link("https://a.test/?b=1&c=2") ==
          "[x](https://a.test/?b=1&amp;c=2) <img src=\"https://a.test/?b=1&amp;c=2\">");
    CHECK(link(" a b(c).png ") == "[x](a%20b%28c%29.png) <img src=\"a b(c).png\">");
    CHECK(link("data:image/png;base64,AA==") ==
          "[x](data:image/png;base64,AA==) <img src=\"data:image/png;base64,AA==\">");
    for (const char *bad : {"javascript:alert(1)", "\u00a0JavaScript:a", "java\nscript:a", "vbscript:a",
                            "data:text/html,a", "data:image/svg+xml;base64,AA==", "blob:a", "x&:a"})
        CHECK(link(bad) == "[x](about:blank) <img src=\"about:blank\">");
    CHECK(text("[x](<|a|>)", {"a"}, {"https://a.test/>"}) == "[x](https://a.test/%3E)");
    CHECK(text("[x](https://a.test/|a|)", {"a"}, {"b:c d)"}) == "[x](https://a.test/b:c%20d%29)");
    CHECK(text("<|a|> <https://a.test/|a|>", {"a"}, {"b"}) == "&lt;b> &lt;https://a.test/b>");
    CHECK(text("<a href='|a|://b.test'>", {"a"}, {"https"}) == "<a href='https://b.test'>");
    CHECK(text("<a href='|a|://b.test'>", {"a"}, {"javascript"}) == "<a href='://b.test'>");
    CHECK(text("<a href='|a||b|'>", {"a", "b"}, {"java", "script:x"}) == "<a href='javaabout:blank'>");
    const auto outcome = run("[x](|a|)", {"a"}, {{"javascript:1"}, {"javascript:2"}});
    CHECK(outcome.log ==
          std::vector<std::pair<std::uint32_t, std::string>>{
              {ANGO_LOG_WARNING,
               "A cell of the column \"a\" was left out of a link or an attribute, because it could run a "
               "script or change the page there: \"javascript:1\". Others like it are not named."}});
}

TEST_CASE("signs in the name of a column mean nothing in an address") {
    const Texts two{"base url", "path"}, script{"javascript", ":alert(1)"};
    CHECK(text("[x](|base url||path|)", two, script) == "[x](javascriptabout:blank)");
    CHECK(text("[x](<|base url||path|>)", two, script) == "[x](&lt;javascriptabout:blank>)");
    CHECK(text("[x](https://a.test/|base url|/|path|)", two, {"b", "c d)"}) == "[x](https://a.test/b/c%20d%29)");
    CHECK(text("[x](|a (b)||path|)", {"a (b)", "path"}, script) == "[x](javascriptabout:blank)");
    for (const std::string name : {"site/url", "site?", "a#", "it's"})
        CHECK(text("<a href='|" + name + "||path|'>", {name, "path"}, script) == "<a href='javascriptabout:blank'>");
    CHECK(text("<a href=\"|URL: main|?x=|id|\">", {"URL: main", "id"}, {"https://a.test", "1"}) ==
          "<a href=\"https://a.test?x=1\">");
    CHECK(text("<a href='|a|://|b: c|'>", {"a", "b: c"}, {"https", "b.test"}) == "<a href='https://b.test'>");
}

TEST_CASE("a colon that a character reference stands for is one, and no cell completes such a reference") {
    for (const char *reference : {"&#58;", "&#058", "&#x3A;", "&#X03a", "&colon;"}) {
        CAPTURE(reference);
        const std::string colon = reference;
        CHECK(text("<a href='|a|" + colon + "x'>", {"a"}, {"javascript"}) == "<a href='" + colon + "x'>");
        CHECK(text("[x](|a|" + colon + "x)", {"a"}, {"javascript"}) == "[x](" + colon + "x)");
        CHECK(run("<a href='javascript" + colon + "|a|'>", {"a"}, {}).user_text.find("no web address") !=
              std::string::npos);
    }
    CHECK(run("<a href='java&#115;cript:|a|'>", {"a"}, {}).user_text.find("no web address") != std::string::npos);
    CHECK(text("<a href='|a|&|b|'>", {"a", "b"}, {"javascript", "colon;x"}) == "<a href='javascript&amp;colon;x'>");
    CHECK(text("[x](|a|&#|b|)", {"a", "b"}, {"javascript", "58;x"}) == "[x](javascript&amp;#58;x)");
    CHECK(text("<a href='https://a.test/?x=1&|b|'>", {"b"}, {"y"}) == "<a href='https://a.test/?x=1&y'>");
    CHECK(text("<a href='caf&#233;/|b|'>", {"b"}, {"y"}) == "<a href='caf&#233;/y'>");
}

TEST_CASE("a link that the text defines has no address with another scheme") {
    const Texts two{"a", "b"};
    CHECK(text("[x]: |a||b|", two, {"java", "script:alert(1)"}) == "[x]&#58; javascript:alert(1)");
    CHECK(text("[x]: |a|://|b|", two, {"javascript", "%0aalert(1)"}) == "[x]&#58; javascript://%0aalert(1)");
    CHECK(text("[x]:|b|", two, {"", "javascript:alert(1)"}) == "[x]&#58;javascript:alert(1)");
    CHECK(text("[x]:\n|b|", two, {"", "javascript:alert(1)"}) == "[x]&#58;\njavascript:alert(1)");
    CHECK(text("[x]: java|b|", two, {"", "script:alert(1)"}) == "[x]&#58; javascript:alert(1)");
    CHECK(text("[x]: javascript:|b|", two, {"", "alert(1)"}) == "[x]&#58; javascript:alert(1)");
    CHECK(text("[x]: < |b|>", two, {"", "javascript:alert(1)"}) == "[x]&#58; < javascript:alert(1)>");
    CHECK(text("[x]: |a| |b|", two, {"", "javascript:alert(1)"}) == "[x]&#58;  javascript:alert(1)");
    CHECK(text("[x]: |a|&colon;x", two, {"javascript", ""}) == "[x]&#58; javascript&colon;x");
    CHECK(text("[x]: |a||b|", two, {"https://a.test/", "b:c"}) == "[x]: https://a.test/b:c");
    CHECK(text("[x]: https://a.test/|b|", two, {"", "b:c"}) == "[x]: https://a.test/b:c");
    CHECK(text("[Name]: |a|, |b| years", two, {"Ann", "5"}) == "[Name]: Ann, 5 years");
}

TEST_CASE("blanks, parentheses and lines of a quotation do not hide the address of a link") {
    const auto cell = [](const std::string &of) { return text("|a|", {"a"}, {of}); };
    CHECK(cell("[x](< javascript:alert(1)>)") == "[x]&#40;< javascript:alert(1)>)");
    CHECK(cell("[x](<\u00a0javascript:alert(1)>)") == "[x]&#40;<\u00a0javascript:alert(1)>)");
    CHECK(cell("[x](\u00a0 javascript:alert(1))") == "[x]&#40;\u00a0 javascript:alert(1))");
    CHECK(cell("> [x](\n> javascript:alert(1))") == "> [x]&#40;\n> javascript:alert(1))");
    CHECK(cell("> [x]:\n> javascript:alert(1)") == "> [x]&#58;\n> javascript:alert(1)");
    CHECK(cell("> [x](\n> https://a.test)") == "> [x](\n> https://a.test)");
    const auto address = [](const std::string &markdown) { return text(markdown, {"a"}, {"javascript:alert(1)"}); };
    CHECK(address("[x](< |a|>)") == "[x](< about:blank>)");
    CHECK(address("[x](\u00a0 |a|)") == "[x](\u00a0 about:blank)");
    CHECK(address("> [x](\n> |a|)") == "> [x](\n> about:blank)");
    CHECK(address("> [x]:\n> |a|") == "> [x]&#58;\n> javascript:alert(1)");
    CHECK(text("[x](a(|a|))", {"a"}, {"b c"}) == "[x](a(b%20c))");
    CHECK(text("([x](a) |a|) [y](b)|a|", {"a"}, {"b c"}) == "([x](a) b c) [y](b)b c");
    CHECK(run("[x](javascript:f(|a|))", {"a"}, {}).user_text.find("no web address") != std::string::npos);
    // An empty address does not leave its place to the next cell.
    CHECK(text("[x](|a| |b|)", {"a", "b"}, {"", "javascript:alert(1)"}) == "[x](# javascript:alert(1))");
    CHECK(text("[x](|a| \"|b|\") [y](|a|)", {"a", "b"}, {"", "t"}) == "[x](# \"t\") [y]()");
}

TEST_CASE("a tag that Markdown takes for text, or reads on behind the sign of a quotation, is safe as well") {
    const auto cell = [](const std::string &markdown, const std::string &of) { return text(markdown, {"x"}, {of}); };
    CHECK(cell("if a <b then c=\"|x|\"", "[y](javascript:alert(1))") ==
          "if a <b then c=\"&#91;y&#93;(javascript:alert(1))\"");
    CHECK(cell("if a <b then c=\"[y]|x|\"", "(javascript:alert(1))") ==
          "if a <b then c=\"[y]&#40;javascript:alert(1))\"");
    CHECK(cell("if a <b then c=\"[y](|x|)\"", "javascript:alert(1)") == "if a <b then c=\"[y](about:blank)\"");
    CHECK(cell("if a <b then c=\"\n[y]: |x|\"", "javascript:alert(1)") ==
          "if a <b then c=\"\n[y]&#58; javascript:alert(1)\"");
    CHECK(cell("if a <b then c=\"<|x|>\"", "img src=x onerror=alert(1)") ==
          "if a <b then c=\"&lt;img src=x onerror=alert(1)>\"");
    CHECK(cell("if a <b then style=\"<|x|>\"", "script") == "if a <b then style=\"&lt;script>\"");
    CHECK(cell("> <img alt=\"1\"\n> title=\"|x|\">", "\" onerror=\"alert(1)") ==
          "> <img alt=\"1\"\n> title=\"&quot; onerror=&quot;alert(1)\">");
    CHECK(cell("<img\n  alt=\"1\"\n>\n|x|", "2") == "<img\n  alt=\"1\"\n>\n2");
}

TEST_CASE("a text that makes a tag, an attribute or a script of a cell is refused") {
    const std::string end =
        " Cells can stand in text, in links, and in attributes with quotes around them, such as <img "
        "alt=\"|name|\">.";
    const auto says = [&](const std::string &markdown, const std::string &why) {
        CAPTURE(markdown);
        const auto outcome = run(markdown, {"a"}, {{"1"}});
        CHECK(outcome.status == ANGO_FAILED);
        CHECK(outcome.user_text == "The markdown text puts the column \"a\" " + why + end);
        CHECK(outcome.assets.empty());
    };
    for (const char *tag : {"<div |a|>", "<div|a|>", "<h|a|>", "<div x|a|=1>", "<div x |a|>", "<img src=x|a|>",
                            "<img src=|a|x>", "<div a='b'|a|>", "</div |a|>", "<img alt=\"x\"\n|a|>"})
        says(tag, "into an HTML tag, where a cell would become a part of the tag.");
    says("<script>x = '|a|'</script>", "into a script or a style, where a cell would be run.");
    says("<STYLE>|a|</STYLE>", "into a script or a style, where a cell would be run.");
    says("<p onclick=\"f('|a|')\">", "into the attribute onclick, where a cell would be run as a script.");
    says("<iframe srcdoc='|a|'>", "into the attribute srcdoc, where a cell would be run as a script.");
    for (const std::string tag :
         {"animate", "applet", "base", "embed", "link", "meta", "object", "param", "script", "set"})
        says("<" + tag + " src=\"|a|\" alt='1'>", "into the tag <" + tag + ">, where a cell would choose what is run.");
    says("<SCRIPT type=|a|>", "into the tag <script>, where a cell would choose what is run.");
    for (const char *address : {"<a href='javascript:|a|'>", "[x](javascript:|a|)", "<a href='data:|a|'>"})
        says(address, "into an address that is no web address, where a cell could be run as a script.");
    CHECK(text("<script>1</script>|a|<style>p{}</style><p>|a|</p>", {"a"}, {"1"}) ==
          "<script>1</script>1<style>p{}</style><p>1</p>");
}

TEST_CASE("no cell becomes a tag, an attribute or a script at any place of a text") {
    const Texts columns{"a", "b", "c"};
    for (const char *markdown : {"|a||b||c|",
                                 "# |a|\n|b|: |c|",
                                 "<div class=\"x\">|a|</div> <b>|b|</b>|c|",
                                 "[|a|](|b|) ![|c|](<|a|>)",
                                 "|a|(|b|)|c|",
                                 "[x](<|a|b>)",
                                 "[|a|]: |b|\n\n[x]: |c|",
                                 "<img src=\"|a|\" alt='|b|' title=|c|>",
                                 "<a href='|a||b|'>|c|</a>",
                                 "<a href=|a|>|b|</a>",
                                 "<|a|> <|b|",
                                 "| x | y |\n|---|---|\n| |a| | |b||\n|c|",
                                 "<!-- |a| --> |b| <!-- x --> |c|",
                                 "<p style='color:|a|;width:|b|'>|c|</p>",
                                 "`|a|` ```\n|b|\n``` |c|",
                                 "<textarea>|a|</textarea><title>|b|</title>|c|",
                                 "a <n;b |a| c> |b|",
                                 "<a href='|a|://|b|'>|c|</a>",
                                 "<https://x.test/|a|> |b|",
                                 "[x]:|a||b|\n\n> [y]:\n> |c|",
                                 "<a href='|a|&|b|'>|c|</a>",
                                 "> <img alt=\"|a|\"\n> title=\"|b|\">|c|"}) {
        CAPTURE(markdown);
        const std::string plain = html::structure(html::read(text(markdown, columns, {"x", "y", "z"})));
        const auto check = [&](const Texts &row) {
            const html::Page page = html::read(text(markdown, columns, row));
            std::string structure = html::structure(page);
            CHECK(structure == plain);
            for (const html::Tag &tag : page.tags)
                for (const auto &[name, value] : tag.attributes)
                    if (name == "href" || name == "src") CHECK_FALSE(html::is_active_address(value));
        };
        for (const std::string &attack : attacks()) {
            CAPTURE(attack);
            check({attack, attack, attack});
            check({"[x]", attack, ""});
            check({"", attack, attack});
        }
    }
}
