#include "host/markdown/html_text.hpp"

#include <doctest/doctest.h>

using angod::host::html_unescaped;

TEST_CASE("escaped text becomes what it was") {
    CHECK(html_unescaped("&lt;b class=&quot;x&quot;&gt;&#39;a&#x27; &apos;&amp; b&lt;/b&gt;") ==
          "<b class=\"x\">'a' '& b</b>");
    CHECK(html_unescaped("") == "");
    CHECK(html_unescaped("no reference") == "no reference");
    CHECK(html_unescaped("a&nbsp;b") == "a\xc2\xa0"
                                        "b");
}

TEST_CASE("once: what comes out is not looked at again") {
    CHECK(html_unescaped("&amp;lt;") == "&lt;");
    CHECK(html_unescaped("&amp;amp;#39;") == "&amp;#39;");
}

TEST_CASE("numbers of all lengths are characters") {
    CHECK(html_unescaped("&#65;&#x41;&#X4a;") == "AAJ");
    CHECK(html_unescaped("&#233;&#x20ac;&#128512;&#x10FFFF;") == "é€😀\xf4\x8f\xbf\xbf");
    CHECK(html_unescaped("&#9;&#10;&#13;") == "\t\n\r");
}

TEST_CASE("everything else stays") {
    for (const char *text :
         {"&", "&&", "&;", "& lt;", "&lt", "&eacute;", "&LT;", "&#;", "&#x;", "&#-1;", "&#12a;", "&#0;", "&#7;",
          "&#xd800;", "&#x110000;", "&#99999999999;", "&#128;", "a & b; c", "&averylongname;"})
        CHECK(html_unescaped(text) == text);
    CHECK(html_unescaped("&&lt;&") == "&<&");
}
