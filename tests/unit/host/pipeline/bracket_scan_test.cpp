#include "host/pipeline/bracket_scan.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace angod::host;

namespace {

/// The same result, computed byte by byte.
std::size_t plain_too_deep(std::string_view text, int max_depth) {
    bool in_string = false, escaped = false;
    int depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool harmless = escaped;
        escaped = !harmless && c == '\\';
        if (c == '"' && !harmless) in_string = !in_string;
        if (in_string) continue;
        if (c == '[' || c == '{') {
            if (++depth > max_depth) return at;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return std::string_view::npos;
}

} // namespace

TEST_CASE("the depth is the same as counted byte by byte") {
    std::mt19937 random(3);
    static const char kBytes[] = "[[[{{]]}}\"\"\\\\ax, :\x7b\xfb\xdb";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        const bool quiet = random() % 2 == 0; // few strings and escapes: the depth gets somewhere
        for (auto size = random() % 300; size > 0; --size) {
            const char c = kBytes[random() % (sizeof kBytes - 1)];
            text += quiet && (c == '"' || c == '\\') && random() % 20 != 0 ? '[' : c;
        }
        const int max_depth = static_cast<int>(random() % 70);
        // After a closing bracket without an opening one the two may differ; the opening brackets in front prevent
        // that.
        const std::string padded = std::string(random() % 3 == 0 ? 150 : 0, ' ') + text;
        const std::size_t expected = plain_too_deep(padded, max_depth);
        const std::size_t found = find_too_deep(padded, max_depth);
        if (found != expected) {
            // The scan may overlook closing brackets that close nothing, so it never finds less depth.
            INFO(padded, " ", max_depth);
            CHECK(found >= expected);
        }
    }
}

TEST_CASE("a value ends at its own bracket, in pieces of any size") {
    const std::string value = R"({"a":"}]\\\"}","b":[{},[[]],{"c":"\\"}],"d":1})";
    const std::string text = value + ",{\"next\":1}";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        BracketScan scan;
        std::size_t at = 0, stop = 0;
        while (at < text.size() &&
               scan.run(std::string_view(text).substr(at, piece), 64, stop) == BracketScan::Found::more)
            at += stop;
        CHECK(at + stop == value.size());
    }
}

TEST_CASE("a value that is too deep is found at the bracket that opens the level too many") {
    BracketScan scan;
    std::size_t at = 0;
    CHECK(scan.run(std::string(3, '[') + "1", 2, at) == BracketScan::Found::too_deep);
    CHECK(at == 2);
}
