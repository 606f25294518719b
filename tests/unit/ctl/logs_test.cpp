#include "ctl/logs.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace angod::ctl;

TEST_CASE("a line of the log is shown as the text format has it") {
    CHECK(log_text(R"({"time":"t","level":"info","plugin":"p","job":"j","msg":"hello"})") ==
          "t info    hello  [plugin=p job=j]\n");
    CHECK(log_text(R"({"time":"t","level":"warning","msg":"a\u001bb"})") == "t warning a b\n");
}

TEST_CASE("a line that is no object is shown as it is") {
    CHECK(log_text("not JSON") == "not JSON\n");
    CHECK(log_text("[]") == "[]\n");
    CHECK(log_text("{}") == "- -       -\n");
}

TEST_CASE("lines are whole, in whatever pieces they come") {
    LineReader reader;
    std::vector<std::string> lines;
    for (const char *piece : {"a", "b\nc\n\nd", "", "e", "\n"})
        reader.add(piece, [&](std::string_view line) { lines.emplace_back(line); });
    CHECK(lines == std::vector<std::string>{"ab", "c", "", "de"});
}
