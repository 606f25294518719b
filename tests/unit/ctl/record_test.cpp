#include "ctl/record.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::ctl;

TEST_CASE("a recording becomes lines, the first one about the plugin") {
    const auto plugin = json::parse(
        R"({"name":"secret project","kind":"export","connector":"ws","state":"live","confirmed":true,"connects":1})");
    const auto recording = json::parse(R"({"recording":false,"left_out":3})");
    CHECK(recording_lines(*plugin, *recording, {R"({"at_ms":1})", R"({"at_ms":2})"}) ==
          R"({"angod":")" ANGOD_VERSION
          R"(","kind":"export","connector":"ws","state":"live","confirmed":true,"connects":1,"left_out":3})"
          "\n{\"at_ms\":1}\n{\"at_ms\":2}\n");
}

TEST_CASE("a recording without messages has one line") {
    const auto nothing = json::parse("{}");
    CHECK(recording_lines(*nothing, *nothing, {}) == R"({"angod":")" ANGOD_VERSION "\"}\n");
}
