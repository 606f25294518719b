// The CSV reader by its rules, and against a simple reference. Each text is read as a whole and in pieces of every
// size, because a cell, a quote or a line end may be cut anywhere; the result must be the same. The test at the end
// goes through the table of states in csv_reader.hpp.
#include "host/markdown/csv_reader.hpp"

#include "host/markdown/csv_reference.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace angod;
using namespace angod::host;

namespace {

using Rows = std::vector<std::vector<std::string>>;

CsvOutcome read_in(std::string_view text, std::size_t piece, std::uint64_t max_row = 1 << 20) {
    return read_csv(text, piece, max_row);
}

/// Reads the text in pieces of many sizes. The outcome must not depend on them.
CsvOutcome read(const std::string &text, std::uint64_t max_row = 1 << 20) {
    const CsvOutcome whole = read_in(text, text.size() + 1, max_row);
    for (std::size_t piece = 1; piece <= text.size() && piece < 40; ++piece) {
        INFO("pieces of ", piece);
        CHECK(read_in(text, piece, max_row) == whole);
    }
    return whole;
}

Rows rows(const std::string &text) {
    const CsvOutcome outcome = read(text);
    CHECK(outcome.failure == "");
    return outcome.rows;
}

std::string failure(const std::string &text, std::uint64_t max_row = 1 << 20) { return read(text, max_row).failure; }

} // namespace

TEST_CASE("rows end with LF, CRLF or CR, and the last one perhaps with nothing") {
    const Rows expected{{"a", "b"}, {"1", "2"}};
    for (const char *text : {"a,b\n1,2\n", "a,b\n1,2", "a,b\r\n1,2\r\n", "a,b\r\n1,2", "a,b\r1,2\r", "a,b\r1,2"})
        CHECK(rows(text) == expected);
}

TEST_CASE("the examples of RFC 4180") {
    CHECK(rows("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n") == Rows{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(rows("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx") == Rows{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(rows("\"aaa\",\"b \r\nbb\",\"ccc\"\r\nzzz,yyy,xxx") ==
          Rows{{"aaa", "b \r\nbb", "ccc"}, {"zzz", "yyy", "xxx"}});
    CHECK(rows("\"aaa\",\"b\"\"bb\",\"ccc\"") == Rows{{"aaa", "b\"bb", "ccc"}});
}

TEST_CASE("cells keep their blanks, and may be empty") {
    CHECK(rows(" a , b\t\n,\n\"\",\"\"\n") == Rows{{" a ", " b\t"}, {"", ""}, {"", ""}});
    CHECK(rows("\"\"") == Rows{{""}});
    CHECK(rows(",") == Rows{{"", ""}});
    CHECK(rows("a,\n") == Rows{{"a", ""}});
}

TEST_CASE("a quote inside of an unquoted cell is one of its characters") {
    CHECK(rows("5\" pipe,a\"b\"\n") == Rows{{"5\" pipe", "a\"b\""}});
    CHECK(rows(" \"a\"\n") == Rows{{" \"a\""}});
}

TEST_CASE("quotes of quoted cells are doubled, at any place") {
    CHECK(rows("\"\"\"\"") == Rows{{"\""}});
    CHECK(rows("\"\"\"a\"\"\",\"\"\"\"\"\"") == Rows{{"\"a\"", "\"\""}});
    CHECK(rows("\",\",\"\n\"\n") == Rows{{",", "\n"}});
}

TEST_CASE("blank rows are left out, and counted") {
    const CsvOutcome outcome = read("\n\r\na,b\r\n\r\n\n1,2\n\n");
    CHECK(outcome.rows == Rows{{"a", "b"}, {"1", "2"}});
    CHECK(outcome.numbers == std::vector<std::uint64_t>{3, 6});
    for (const char *text : {"", "\n", "\r\n\r\n", "\xef\xbb\xbf", "\xef\xbb\xbf\n"}) CHECK(rows(text).empty());
}

TEST_CASE("a row in quotes over several lines is one row") {
    CHECK(read("a\n\"1\n2\n3\"\nb\n").numbers == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("a byte order mark is left out, in front only, and only a whole one") {
    CHECK(rows("\xef\xbb\xbf\"a\",b\n") == Rows{{"a", "b"}});
    CHECK(rows("a\n\xef\xbb\xbf"
               "b\n") == Rows{{"a"},
                              {"\xef\xbb\xbf"
                               "b"}});
    CHECK(rows("\xef\xbb\xbc,b\n") == Rows{{"\xef\xbb\xbc", "b"}});
    CHECK(failure("\xef\xbb") == "Row 1 of the CSV is not UTF-8 text: its cell 1 holds the byte 0xEF, which is "
                                 "\"\u00ef\" in Windows-1252. Save the file as CSV UTF-8 (comma-separated).");
    CHECK(rows("\xef\xbb\xbf\xef\xbb\xbf\"a\",b\n") == Rows{{"a", "b"}}); // a program added a second one
    CHECK(rows("\xef\xbb\xbf\xef\xbb\xbf").empty());
    CHECK(failure("\xef\xbb\xbf\xef,b\n").find("its cell 1 holds the byte 0xEF") != std::string::npos);
}

TEST_CASE("text of another encoding is told with row, cell and byte") {
    const auto says = [](const std::string &byte, const char *what) {
        CHECK(failure("a,b\n1,x" + byte + "\n") == "Row 2 of the CSV is not UTF-8 text: its cell 2 holds the byte " +
                                                       std::string(what) +
                                                       ". Save the file as CSV UTF-8 (comma-separated).");
    };
    says("\xe9", "0xE9, which is \"\u00e9\" in Windows-1252");
    says("\x80", "0x80, which is \"\u20ac\" in Windows-1252");
    says("\x93", "0x93, which is \"\u201c\" in Windows-1252");
    says("\xff", "0xFF, which is \"\u00ff\" in Windows-1252");
    says("\x81", "0x81"); // stands for nothing there
    says("\xa0", "0xA0"); // a blank
}

TEST_CASE("another sign may stand between cells from a row on") {
    const std::string text = "sep=;\na,b;\"c;d\"\n;\n";
    std::size_t at = 0;
    CsvReader reader([&]() -> Result<std::string_view> { return std::string_view(text).substr(at++, 1); }, 100);
    CsvRow row;
    REQUIRE(reader.next(row).value());
    CHECK(row.cells == std::vector<std::string_view>{"sep=;"});
    reader.separate_by(';');
    REQUIRE(reader.next(row).value());
    CHECK(row.cells == std::vector<std::string_view>{"a,b", "c;d"});
    REQUIRE(reader.next(row).value());
    CHECK(row.cells == std::vector<std::string_view>{"", ""});
    CHECK_FALSE(reader.next(row).value());
    for (const char c : {',', ';', '\t', '|', ':', '~'}) CHECK(CsvReader::can_separate(c));
    for (const char c : {'"', 'a', 'Z', '0', ' ', '\n', '\r', '\0', '\x7f', '\xe9'})
        CHECK_FALSE(CsvReader::can_separate(c));
}

TEST_CASE("what is wrong is said with the row") {
    CHECK(failure("a\n\nx,\"b\nc\n") == "Row 3 of the CSV has a quote that opens cell 2 and is never closed.");
    CHECK(failure("\"") == "Row 1 of the CSV has a quote that opens cell 1 and is never closed.");
    CHECK(failure("a\nb,\"c\"d\n").starts_with("Row 2 of the CSV has text behind the closing quote of cell 2"));
    CHECK(failure("\"a\" ,b\n").starts_with("Row 1 of the CSV has text behind the closing quote of cell 1"));
    const std::string_view other =
        " behind the closing quote of cell 1, but \",\" separates the cells of this file. Save it as "
        "comma-separated CSV.";
    CHECK(failure("\"name\";\"text\"\n") == fmt::format("Row 1 of the CSV has \";\"{}", other));
    CHECK(failure("\"name\"\t\"text\"\n") == fmt::format("Row 1 of the CSV has a tab{}", other));
    CHECK(failure(std::string("a\nb\0c\n", 6)).starts_with("Row 2 of the CSV holds a zero byte in cell 1,"));
    CHECK(failure(std::string("\"a\0\"\n", 5)).starts_with("Row 1 of the CSV holds a zero byte"));
    // Halves of one character.
    CHECK(failure("\xc3,\xa9\n").starts_with("Row 1 of the CSV is not UTF-8 text: its cell 1 holds the byte 0xC3"));
}

TEST_CASE("rows in front of an error are given out") {
    const CsvOutcome outcome = read("a\nb\n\"");
    CHECK(outcome.rows == Rows{{"a"}, {"b"}});
    CHECK(outcome.failure != "");
}

TEST_CASE("a row is no longer than its limit, however it is written") {
    CHECK(read("12345,67890\n", 10).rows.size() == 1);
    for (const char *text :
         {"a\n12345,678901\n", "a\n\"12345\",\"678901\"\n", "a\n\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\n"})
        CHECK(failure(text, 10).starts_with("Row 2 of the CSV is longer than 0 MB, which limits.asset_mb allows."));
    CHECK(failure("a\n1,\"234567890\n", 9).ends_with(" The quote that opens its cell 2 may never be closed."));
}

TEST_CASE("what is longer than the limit is not kept until its end comes") {
    std::uint64_t given = 0;
    const std::string piece(1000, 'x');
    CsvReader reader(
        [&]() -> Result<std::string_view> {
            given += piece.size();
            return std::string_view(piece);
        },
        10'000);
    CsvRow row;
    CHECK_FALSE(reader.next(row));
    CHECK(given <= 11'000);
}

TEST_CASE("a row has a largest number of cells") {
    CHECK(rows(std::string(CsvReader::kMaxCells - 1, ','))[0].size() == CsvReader::kMaxCells);
    const std::string text(CsvReader::kMaxCells, ',');
    CHECK(read_in(text, 100).failure == "Row 1 of the CSV has more than 16384 cells.");
}

TEST_CASE("an error of the source is the reader's") {
    CsvReader reader([]() -> Result<std::string_view> { return error(Code::invalid, "no source"); }, 10);
    CsvRow row;
    const auto any = reader.next(row);
    REQUIRE_FALSE(any);
    CHECK(any.error().text == "no source");
}

TEST_CASE("any text of few letters is read as the reference reads it") {
    constexpr std::string_view kLetters = "a,\"\n\r";
    for (std::size_t length = 0; length <= 7; ++length) {
        std::size_t count = 1;
        for (std::size_t i = 0; i < length; ++i) count *= kLetters.size();
        for (std::size_t n = 0; n < count; ++n) {
            std::string text;
            for (std::size_t i = 0, rest = n; i < length; ++i, rest /= kLetters.size())
                text += kLetters[rest % kLetters.size()];
            const CsvOutcome expected = reference_csv(text);
            for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, text.size() + 1}) {
                CsvOutcome got = read_in(text, piece);
                if (!got.failure.empty()) got.failure = "failed";
                if (got == expected) continue;
                FAIL("differs: ", text, " in pieces of ", piece);
            }
        }
    }
}

TEST_CASE("random tables come out as they went in") {
    std::mt19937 random(11);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 500; ++round) {
        const int columns = 1 + pick(5);
        Rows table;
        std::string text = pick(2) ? "\xef\xbb\xbf" : "";
        const char *const line_end = pick(2) ? "\r\n" : pick(2) ? "\n" : "\r";
        const int count = 1 + pick(6);
        for (int r = 0; r < count; ++r) {
            table.emplace_back();
            for (int c = 0; c < columns; ++c) {
                std::string cell, quoted;
                for (int i = pick(12); i > 0; --i) {
                    static const char *const kPieces[] = {"a",  " ",    ",", "\"", "\n",
                                                          "\r", "\r\n", "ü", "😀",  "long text"};
                    cell += kPieces[pick(10)];
                }
                for (const char ch : cell) quoted += ch == '"' ? std::string("\"\"") : std::string(1, ch);
                const bool bare = cell.find_first_of(",\"\r\n") == std::string::npos && !(columns == 1 && cell.empty());
                text += (c > 0 ? "," : "") + (bare && pick(2) ? cell : '"' + quoted + '"');
                table.back().push_back(cell);
            }
            if (r + 1 < count || pick(2)) text += line_end;
        }
        for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, text.size()}) {
            const CsvOutcome outcome = read_in(text, piece);
            CHECK(outcome.failure == "");
            CHECK(outcome.rows == table);
        }
    }
}

TEST_CASE("every state of the reader takes every byte as the table in its header says") {
    struct State {
        const char *name, *before; ///< text that leads to the state, with one cell before it
        const char *cell;          ///< the open cell
    };
    constexpr State kCellStart{"cell_start", "x,", ""}, kPlain{"plain", "x,a", "a"};
    constexpr State kQuoted{"quoted", "x,\"a", "a"}, kClosed{"closed", "x,\"a\"", "a"};
    const auto check = [](const State &state, const char *then, const Rows &expected) {
        CAPTURE(state.name);
        CAPTURE(then);
        CHECK(rows(state.before + std::string(then)) == expected);
    };
    for (const State &state : {kCellStart, kPlain, kClosed}) {
        check(state, ",b\n", Rows{{"x", state.cell, "b"}});
        for (const char *end : {"\n", "\r", "\r\n"})
            check(state, (std::string(end) + "b").c_str(), Rows{{"x", state.cell}, {"b"}});
        check(state, "", Rows{{"x", state.cell}});
    }
    check(kCellStart, "\"b\"", Rows{{"x", "b"}});
    check(kCellStart, "b", Rows{{"x", "b"}});
    check(kPlain, "\"b", Rows{{"x", "a\"b"}});
    check(kPlain, "b", Rows{{"x", "ab"}});
    check(kQuoted, ",\n\rb\"", Rows{{"x", "a,\n\rb"}});
    check(kClosed, "\"b\"", Rows{{"x", "a\"b"}});
    CHECK(failure(kQuoted.before) == "Row 1 of the CSV has a quote that opens cell 2 and is never closed.");
    CHECK(failure(kClosed.before + std::string("b"))
              .starts_with("Row 1 of the CSV has text behind the closing quote of cell 2."));
    // A line without any cell is blank.
    CHECK(rows("\n\n") == Rows{});
    CHECK(rows("") == Rows{});
}
