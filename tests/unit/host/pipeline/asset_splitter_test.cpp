// The splitter by its rules, and against generated exports. Each text is split as a whole and in pieces of every size,
// because a record may be cut anywhere; the result must be the same. Each record must lie in the text at its offset.
// The depth limit, damaged arrays and the states of a scalar have tests of their own.
#include "host/pipeline/asset_splitter.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

using namespace angod;
using namespace angod::host;

namespace {

struct Taken {
    std::string json;
    std::uint64_t number, offset;
    bool operator==(const Taken &) const = default;
};
struct Outcome {
    std::vector<Taken> records;
    std::string failure; ///< empty: it came to the end
    bool in_array = false;
    bool operator==(const Outcome &) const = default;

    std::vector<std::string> texts() const {
        std::vector<std::string> out;
        for (const Taken &each : records) out.push_back(each.json);
        return out;
    }
    std::vector<std::uint64_t> numbers() const {
        std::vector<std::uint64_t> out;
        for (const Taken &each : records) out.push_back(each.number);
        return out;
    }
};

/// The text in pieces of this size. Each piece has its own memory, which is freed at the next call.
Outcome split_in(std::string_view text, std::size_t piece, std::uint64_t max_record) {
    AssetSplitter splitter(max_record);
    Outcome out;
    std::size_t at = 0;
    std::vector<char> current;
    for (Record record;;) {
        switch (splitter.next(record)) {
            case AssetSplitter::Step::record:
                out.records.push_back({std::string(record.json), record.number, record.offset});
                out.in_array = record.in_array;
                continue;
            case AssetSplitter::Step::need_bytes: break;
            case AssetSplitter::Step::failed:
                CHECK(splitter.next(record) == AssetSplitter::Step::failed);
                out.failure = splitter.failure().text;
                return out;
            case AssetSplitter::Step::end: CHECK(splitter.next(record) == AssetSplitter::Step::end); return out;
        }
        if (at == text.size()) {
            splitter.finish();
            continue;
        }
        const std::string_view next = text.substr(at, piece);
        at += next.size();
        current = std::vector<char>(next.begin(), next.end());
        splitter.feed({current.data(), current.size()});
    }
}

/// Splits the text in pieces of many sizes. The outcome must not depend on them.
Outcome split(const std::string &text, std::uint64_t max_record = 1 << 20) {
    const Outcome whole = split_in(text, text.size() + 1, max_record);
    for (const Taken &each : whole.records)
        if (each.json.size() > 0) CHECK(text.substr(each.offset, each.json.size()) == each.json);
    for (std::size_t piece = 1; piece <= text.size() && piece < 200; ++piece) {
        INFO("pieces of ", piece);
        CHECK(split_in(text, piece, max_record) == whole);
    }
    return whole;
}

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::uint64_t>;

std::string nested(int levels) {
    return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

bool says(const Outcome &outcome, std::string_view text) { return outcome.failure.find(text) != std::string::npos; }

} // namespace

TEST_CASE("nothing, blanks and a byte order mark alone are exports without assets") {
    for (const char *text : {"", " ", "\n\n", "\xef\xbb\xbf", "\xef\xbb\xbf\r\n"}) {
        const Outcome outcome = split(text);
        CHECK(outcome.records.empty());
        CHECK(outcome.failure.empty());
    }
}

TEST_CASE("one record a line") {
    const Outcome outcome = split("{\"a\":1}\n{\"b\":[2]}\n{}\n");
    CHECK(outcome.texts() == Texts{"{\"a\":1}", "{\"b\":[2]}", "{}"});
    CHECK(outcome.numbers() == Numbers{1, 2, 3});
    CHECK_FALSE(outcome.in_array);
}

TEST_CASE("byte order mark, CRLF, blank lines and a missing last newline are fine, and lines are counted") {
    const Outcome outcome = split("\xef\xbb\xbf\r\n{\"a\":1}\r\n\r\n  \t\r\n {\"b\":2} \r\n{\"c\":3}");
    CHECK(outcome.texts() == Texts{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"});
    CHECK(outcome.numbers() == Numbers{2, 5, 6});
}

TEST_CASE("a bad line is handed over and costs that line only") {
    const Outcome outcome = split("{\"a\":1}\nnonsense\n{\"b\":\n{\"c\":3}\n");
    CHECK(outcome.texts() == Texts{"{\"a\":1}", "nonsense", "{\"b\":", "{\"c\":3}"});
}

TEST_CASE("a first line that is cut off costs that line only") {
    for (const char *first : {"{\"a\":[1,2", "{\"a\":\"text with { and [", "{\"a\":{\"b\":1}"}) {
        const Outcome outcome = split(std::string(first) + "\n\n{\"c\":3}\n{\"d\":4}\n");
        CHECK(outcome.texts() == Texts{first, "{\"c\":3}", "{\"d\":4}"});
        CHECK(outcome.numbers() == Numbers{1, 3, 4});
    }
}

TEST_CASE("records that share a line are told apart, with the number of their line") {
    const Outcome glued = split("{\"a\":1}{\"b\":\"}{\"} , {\"c\":3}\n{\"d\":4}\n");
    CHECK(glued.texts() == std::vector<std::string>{"{\"a\":1}", "{\"b\":\"}{\"}", "{\"c\":3}", "{\"d\":4}"});
    CHECK(glued.numbers() == std::vector<std::uint64_t>{1, 1, 1, 2});
    CHECK(split("{\"a\":1}\r{\"b\":2}\r{\"c\":3}\r").texts() ==
          std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"});
}

TEST_CASE("the second of two records on a line may be cut off, and costs only itself") {
    CHECK(split("{\"a\":1}{\"b\":\n{\"c\":3}").texts() ==
          std::vector<std::string>{"{\"a\":1}", "{\"b\":", "{\"c\":3}"});
}

TEST_CASE("a comma behind a record does not belong to it") {
    CHECK(split("{\"a\":1},\n{\"b\":2} ,\r\n{\"c\":3},").texts() ==
          std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"});
}

TEST_CASE("anything else behind a record leaves the whole line to the module") {
    CHECK(split("{\"a\":1}]\n{\"b\":2},,\n{\"c\":3} x").texts() ==
          std::vector<std::string>{"{\"a\":1}]", "{\"b\":2},,", "{\"c\":3} x"});
}

TEST_CASE("a byte order mark in front of a line, as in files that were joined, is left out") {
    const Outcome joined = split("\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"b\":2}\n");
    CHECK(joined.texts() == std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"});
}

TEST_CASE("a lone object on one line is a one-asset export") {
    CHECK(split("{\"a\":1}").texts() == Texts{"{\"a\":1}"});
    CHECK(split("  {\"a\":1}  ").texts() == Texts{"{\"a\":1}"});
}

TEST_CASE("a lone object over many lines is a one-asset export") {
    const std::string text = "{\n  \"a\": [\n    {\n      \"b\": \"}\\\"\"\n    }\n  ]\n}";
    for (const char *end : {"", "\n", "\r\n\n"}) {
        const Outcome outcome = split(text + end);
        CHECK(outcome.texts() == Texts{text});
        CHECK(outcome.numbers() == Numbers{1});
        CHECK_FALSE(outcome.in_array);
    }
    CHECK(split("{\"a\":\n1}").texts() == Texts{"{\"a\":\n1}"});
    CHECK(split("{\"a\": 1,\n\"b\": 2}").texts() == Texts{"{\"a\": 1,\n\"b\": 2}"});
    CHECK(split("{ \"a\": 1\n, \"b\": 2}").texts() == Texts{"{ \"a\": 1\n, \"b\": 2}"});
}

TEST_CASE("several objects over many lines follow one another") {
    const Outcome outcome = split("{\n\"a\":1\n}\n{\n\"b\":2\n}\n\n{\"c\":3}\n");
    CHECK(outcome.texts() == Texts{"{\n\"a\":1\n}", "{\n\"b\":2\n}", "{\"c\":3}"});
    CHECK(outcome.numbers() == Numbers{1, 4, 8});
    CHECK(says(split("{\n\"a\":1\n},\n{}"), "damaged: ',' at byte 9 where '{'"));
}

TEST_CASE("one array") {
    const Outcome outcome = split("[{\"a\":1},{\"b\":[{}]}, {\"c\":\"],}\"}\n,\n{} ]\n");
    CHECK(outcome.texts() == Texts{"{\"a\":1}", "{\"b\":[{}]}", "{\"c\":\"],}\"}", "{}"});
    CHECK(outcome.numbers() == Numbers{1, 2, 3, 4});
    CHECK(outcome.in_array);
    CHECK(outcome.failure.empty());
    CHECK(split("[]").texts().empty());
    CHECK(split(" [ \n ] ").failure.empty());
}

TEST_CASE("elements that are no objects are handed over too") {
    CHECK(split("[1, null,\"a,]\\\"\",[2],true]").texts() == Texts{"1", "null", "\"a,]\\\"\"", "[2]", "true"});
}

TEST_CASE("a scalar in an array ends where the table in the header says") {
    const auto elements = [](const std::string &text) { return split(text).texts(); };
    for (const char *end : {" ", ",", "]"}) {
        const std::string close = *end == ']' ? "" : *end == ',' ? "1]" : "]";
        const auto with = [&](const char *scalar) { return Texts{scalar}; };
        const auto first = [&](const std::string &scalar) {
            const Texts found = elements("[" + scalar + end + close);
            return found.empty() ? Texts{} : Texts{found.front()};
        };
        CHECK(first("1") == with("1"));         // outside
        CHECK(first("a\\") == with("a\\"));     // escaped_outside
        CHECK(first("a\\b") == with("a\\b"));   // → outside
        CHECK(first("a\\\"") == with("a\\\"")); // the quote opens no string
        CHECK(first("a\\\\\"x,\"") == with("a\\\\\"x,\""));
        CHECK(first("\" ,]\"") == with("\" ,]\"")); // in_string
        CHECK(first("\"\\\",\"") == with("\"\\\",\""));
        CHECK(first("\"\\\\\"") == with("\"\\\\\""));
    }
}

TEST_CASE("a damaged array is fatal and names the byte") {
    CHECK(says(split("[{} {}]"), "'{' at byte 4 where ',' or ']'"));
    CHECK(says(split("[,{}]"), "',' at byte 1 where an asset"));
    CHECK(says(split("[{},]"), "']' at byte 4 where an asset"));
    CHECK(says(split("[{}}"), "'}' at byte 3"));
    CHECK(says(split("[{}] x"), "'x' at byte 5 where nothing behind the JSON array"));
    CHECK(says(split("[{}][]"), "at byte 4"));
    CHECK(split("[{} {}]").texts() == Texts{"{}"});
}

TEST_CASE("a record that is cut off at the end of the text is fatal and names the bytes") {
    const auto cut = [](const std::string &before, const std::string &record) {
        return fmt::format(
            "the export from Hub is incomplete: it ends at byte {} inside of the record that begins at byte {}. "
            "Run the plugin again.",
            before.size() + record.size(), before.size());
    };
    for (const std::string before : {"", "{\"a\":1}\n", "{\"a\":1}\r\n\r\n", "{\n\"a\":1\n}\n"})
        for (const std::string record :
             {"{", "{\"b", "{\"b\":[1,{}]", "{\"b\":\"}", "{\"b\":\"\\\"}", "{\"b\":", "{\n", "{\n\"b\":\n1,"}) {
            const bool over_lines = record.find('\n') != std::string::npos;
            const bool lines = before.starts_with("{\"a") || before.empty();
            if (over_lines && lines && !before.empty()) continue; // these are two bad lines
            INFO(before, record);
            const Outcome outcome = split(before + record);
            CHECK(outcome.failure == cut(before, record));
            CHECK(outcome.records.size() == (before.empty() ? 0 : 1));
        }
    CHECK(split("{\"a\":1}\n[1,").failure == cut("{\"a\":1}\n", "[1,"));
}

TEST_CASE("a line of several records that is cut off in a later one is fatal") {
    for (const std::string line :
         {"{\"a\":1},{\"b\":[1,2", "{\"a\":1}{\"b\":2}{", "{} {}, [", "{\"a\":\"}\"},{\"b\":\"}"})
        for (const std::string before : {"", "{}\n"}) {
            INFO(before, line);
            CHECK(says(split(before + line), "the export from Hub is incomplete: it ends at byte "));
        }
    for (const char *line : {"{\"a\":1},{\"b\":2}", "{}{},", "{} x {"}) CHECK(split(line).failure.empty());
}

TEST_CASE("a bad record with an end is handed over, also as the last one") {
    CHECK(split("{\"a\":1}\n{\"b\":\n").texts() == Texts{"{\"a\":1}", "{\"b\":"});
    CHECK(split("{\"a\":1\n").texts() == Texts{"{\"a\":1"});
    CHECK(split("{\"a\":1}\nnonsense").texts() == Texts{"{\"a\":1}", "nonsense"});
    CHECK(split("{\"a\":1}\n{\"b\":2}}").texts() == Texts{"{\"a\":1}", "{\"b\":2}}"});
}

TEST_CASE("an array that is cut off is fatal and names the byte") {
    for (const std::string text : {"[", "[ ", "[{}", "[{},", "[{\"a\":1", "[{\"a\":\"]", "[12", "[\"a"}) {
        const Outcome outcome = split(text);
        CHECK(says(outcome, "incomplete"));
        CHECK(says(outcome, "byte " + std::to_string(text.size())));
    }
}

TEST_CASE("what is no JSON at all is fatal") {
    CHECK(says(split("<html>"), "it begins with '<'"));
    CHECK(says(split("\x1f\x8b"), "byte 0x1f"));
    CHECK(says(split("\"text\""), "not JSON"));
}

TEST_CASE("64 levels are fine in every layout") {
    CHECK(split(nested(2) + "\n").failure.empty());
    CHECK(split("{\"a\":" + nested(63) + "}\n{}\n").texts() == Texts{"{\"a\":" + nested(63) + "}", "{}"});
    CHECK(split("[" + nested(64) + "]").texts() == Texts{nested(64)});
    CHECK(split("{\"a\":\n" + nested(63) + "}").texts() == Texts{"{\"a\":\n" + nested(63) + "}"});
}

TEST_CASE("a line of 65 levels is cut in front of the last one") {
    const Outcome outcome = split("{}\n{\"a\":" + nested(64) + "}\n{}\n");
    CHECK(outcome.texts() == Texts{"{}", "{\"a\":" + std::string(63, '['), "{}"});
    CHECK(outcome.numbers() == Numbers{1, 2, 3});
    CHECK(split("{\"a\":\n" + nested(64) + "}").texts() == Texts{"{\"a\":\n" + std::string(63, '[')});
}

TEST_CASE("an element of 65 levels is fatal") {
    const Outcome outcome = split("[{}," + nested(65) + "]");
    CHECK(outcome.texts() == Texts{"{}"});
    CHECK(says(outcome, "deeper than 64 levels at byte 68"));
}

TEST_CASE("brackets in strings do not count, whatever stands in front of the quotes") {
    const std::string many(100, '[');
    CHECK(split("{\"a\":\"" + many + "\"}\n").texts() == Texts{"{\"a\":\"" + many + "\"}"});
    for (int slashes = 0; slashes < 9; ++slashes) {
        const std::string escape(static_cast<std::size_t>(2 * slashes), '\\');
        const std::string record = "{\"a\":\"" + escape + "\\\"" + many + escape + "\",\"b\":[]}";
        CHECK(split("[" + record + ",{}]").texts() == Texts{record, "{}"});
        CHECK(split(record + "\n{}").texts() == Texts{record, "{}"});
    }
}

TEST_CASE("a record above the limit is fatal and names the configuration key") {
    const std::string large = "{\"a\":\"" + std::string(100, 'x') + "\"}"; // 108 bytes
    CHECK(split(large + "\n{}\n", 108).failure.empty());
    CHECK(says(split("{}\n" + large + "\n", 107), "limits.asset_mb"));
    CHECK(says(split("[{}," + large + "]", 107), "the asset at byte 4"));
    CHECK(says(split("{\n" + large + "}", 107), "limits.asset_mb"));
    CHECK(says(split("[\"" + large, 50), "limits.asset_mb"));
}

TEST_CASE("random exports come out as they went in, in every layout") {
    std::mt19937 random(7);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const auto value = [&](auto &&self, int depth) -> std::string {
        switch (pick(depth > 6 ? 3 : 5)) {
            case 0: return std::to_string(pick(1000));
            case 1: return "null";
            case 2: {
                std::string text = "\"";
                for (int i = pick(80); i > 0; --i) {
                    static const char *const kPieces[] = {"a",    "{", "}", "[",   "]", "\\\"",
                                                          "\\\\", ",", "ü", "\\n", " "};
                    text += kPieces[pick(11)];
                }
                return text + "\"";
            }
            case 3: {
                std::string text = "[";
                for (int i = pick(5); i > 0; --i) text += self(self, depth + 1) + (i > 1 ? "," : "");
                return text + "]";
            }
            default: {
                std::string text = "{";
                for (int i = pick(5); i > 0; --i) text += "\"k\":" + self(self, depth + 1) + (i > 1 ? ", " : "");
                return text + "}";
            }
        }
    };
    for (int round = 0; round < 60; ++round) {
        Texts records;
        for (int i = 1 + pick(6); i > 0; --i) records.push_back("{\"r\":" + value(value, 0) + "}");
        std::string lines, array = "[";
        for (const std::string &each : records) {
            lines += each + "\n";
            array += (array.size() > 1 ? "," : "") + each;
        }
        CHECK(split(lines).texts() == records);
        CHECK(split(array + "]").texts() == records);
    }
}
