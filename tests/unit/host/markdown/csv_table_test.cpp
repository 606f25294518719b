// Tables as spreadsheets write them: other encodings, the line "sep=", rows of empty cells and blanks around names.
// Each test writes a file as bytes, and compares the rows or the whole sentence that the user reads.
// The reader of single rows has its own tests in csv_reader_test.
#include "host/markdown/csv_table.hpp"

#include "host/markdown/table_survey.hpp"

#include "base/ids.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

std::string file(std::string_view text) { return '"' + to_base64(text) + '"'; }

std::string open_failure(std::string_view text) {
    const std::string input = file(text);
    CsvTable table(input, 1 << 20);
    const auto opened = table.open();
    return opened ? "" : opened.error().text;
}

Result<TableSurvey> survey(std::string_view text, std::string config = "{}") {
    const std::string input = file(text);
    Job job;
    job.config = std::move(config);
    job.limits.asset_bytes = 1 << 20;
    return survey_table(job, input);
}

} // namespace

TEST_CASE("a table has a row of names, then rows with a cell for each") {
    const std::string input = file("a,b\n1,2\n");
    CsvTable table(input, 1 << 20);
    REQUIRE(table.open());
    CHECK(table.columns() == std::vector<std::string>{"a", "b"});
    CsvRow row;
    REQUIRE(table.next(row).value());
    CHECK(row.cells[1] == "2");
    CHECK_FALSE(table.next(row).value());
}

TEST_CASE("a file that is no table is refused with a remedy") {
    CHECK(open_failure("") == "The CSV file is empty: its first row must name the columns.");
    CHECK(open_failure("PK\x03\x04...") ==
          "The file is a workbook, not a CSV. Save it as CSV (comma-separated, UTF-8).");
    CHECK(open_failure("\xff\xfe"
                       "a") == "The CSV file is UTF-16 text. Save it as CSV UTF-8 (comma-separated).");
    CHECK(open_failure("a;b\n").find("separated by semicolons") != std::string::npos);
    CHECK(open_failure("a,a\n") == "Row 1 of the CSV names two columns \"a\": 1 and 2. Rename one.");
    CHECK(open_failure(",b,\n") == "Row 1 of the CSV gives no name to the columns 1 and 3. Name or remove them.");
}

TEST_CASE("text in wide characters is named, with and without a byte order mark") {
    const auto wide = [](const char *mark, std::size_t size, bool little) {
        std::string text(mark, size);
        const std::size_t width = size == 4 || size == 5 ? 4 : 2;
        for (const char c : std::string_view("a,b\n")) {
            std::string unit(width, '\0');
            unit[little ? 0 : width - 1] = c;
            text += unit;
        }
        return text;
    };
    const std::string remedy = " text. Save it as CSV UTF-8 (comma-separated).";
    CHECK(open_failure(wide("\xff\xfe", 2, true)) == "The CSV file is UTF-16" + remedy);
    CHECK(open_failure(wide("\xfe\xff", 2, false)) == "The CSV file is UTF-16" + remedy);
    CHECK(open_failure(wide("\xff\xfe\0\0", 4, true)) == "The CSV file is UTF-32" + remedy);
    CHECK(open_failure(wide("\0\0\xfe\xff", 4, false)) == "The CSV file is UTF-32" + remedy);
    CHECK(open_failure(wide("", 0, true)) == "The CSV file is UTF-16" + remedy);
    CHECK(open_failure(wide("", 0, false)) == "The CSV file is UTF-16" + remedy);
    CHECK(open_failure(wide("", 0, true).substr(0, 3)).starts_with("Row 1 of the CSV holds a zero byte"));
    CHECK(open_failure(std::string("a\0\0\0,\0\0\0", 8)) == "The CSV file is UTF-32" + remedy);
}

TEST_CASE("a line that names the separator for spreadsheets is understood, in every form") {
    const auto read = [](std::string_view text) {
        const std::string input = file(text);
        CsvTable table(input, 1 << 20);
        REQUIRE(table.open());
        CsvRow row;
        REQUIRE(table.next(row).value());
        std::vector<std::string> out = table.columns();
        out.insert(out.end(), row.cells.begin(), row.cells.end());
        CHECK_FALSE(table.next(row).value());
        return out;
    };
    const std::vector<std::string> expected{"a", "b", "1", "2"};
    for (const char *text : {"sep=,\na,b\n1,2\n", "\"sep=,\"\r\na,b\r\n1,2\r\n", "sep=,,,,\na,b\n1,2\n",
                             "SEP=,\na,b\n1,2", "sep=;\na;b\n1;2\n", "\"sep=;\"\na;b\n1;2\n", "sep=;;;\na;b\n1;2\n",
                             "sep=\t\na\tb\n1\t2\n", "sep=\\t\na\tb\n1\t2\n", "sep=|\na|b\n1|2\n",
                             "\xef\xbb\xbfsep=;\na;b\n1;2\n", "sep=; \na;b\n1;2\n", "\"sep=;\",,\na;b\n1;2\n"}) {
        CAPTURE(text);
        CHECK(read(text) == expected);
    }
    CHECK(read("sep=;\n\"a;x\";b\n1,5;2\n") == std::vector<std::string>{"a;x", "b", "1,5", "2"});
    CHECK(read("sep=,x\n1,2\n") == std::vector<std::string>{"sep=", "x", "1", "2"}); // two names of columns
}

TEST_CASE("a line that names no separator, or a wrong one, is told") {
    for (const char *text : {"sep=\na,b\n", "sep=x\na,b\n", "sep=ab\na,b\n"})
        CHECK(open_failure(text).ends_with(
            "which a spreadsheet reads as the separator of the cells and does not show, but "
            "it names none. Remove this row."));
    CHECK(
        open_failure("sep=,\na;b\n") ==
        "The names in row 2 of the CSV are separated by semicolons, not by commas as the line \"sep=\" in row 1 says, "
        "which a spreadsheet does not show. Save the file as comma-separated CSV without this line.");
    CHECK(open_failure("sep=;\na,b\n").find("are separated by commas, not by semicolons as the line") !=
          std::string::npos);
    CHECK(open_failure("sep=;\n") == "The CSV file is empty: its first row must name the columns.");
}

TEST_CASE("rows in which nothing can be seen are left out and counted, wherever they are") {
    const std::string input = file(",,\n\xef\xbb\xbf , \na,b\n,\n1,2\n \t,\u00a0\n,,,,\n3,4\n\"\",\"\n\"\n\x1a\n");
    CsvTable table(input, 1 << 20);
    REQUIRE(table.open());
    CHECK(table.columns() == std::vector<std::string>{"a", "b"});
    CsvRow row;
    REQUIRE(table.next(row).value());
    CHECK(row.cells[0] == "1");
    CHECK(row.number == 5);
    REQUIRE(table.next(row).value());
    CHECK(row.cells[0] == "3");
    CHECK(row.number == 8);
    CHECK_FALSE(table.next(row).value());
    CHECK(table.empty_rows().count == 7);
    CHECK(table.empty_rows().first == 1);
}

TEST_CASE("names of columns are without what cannot be seen at their ends, and no two look the same") {
    const std::string input = file(" a ,\u00a0b\u2003,\ufeffc,d\u200b,\"e\n\",f g,h\u00a0i\n");
    CsvTable table(input, 1 << 20);
    REQUIRE(table.open());
    CHECK(table.columns() == std::vector<std::string>{"a", "b", "c", "d", "e", "f g", "h\u00a0i"});
    CHECK(open_failure("name,name \n") == "Row 1 of the CSV gives the columns 1 and 2 names that differ only in blanks "
                                          "or other characters that cannot be "
                                          "seen: \"name\" and \"name\u2420\". Rename one.");
    CHECK(open_failure("a b,x,a\u00a0b\n") == "Row 1 of the CSV gives the columns 1 and 3 names that differ only in "
                                              "blanks or other characters that cannot be "
                                              "seen: \"a b\" and \"a<U+00A0>b\". Rename one.");
    CHECK(open_failure("caf\u00e9,cafe\u0301\n") ==
          "Row 1 of the CSV gives the columns 1 and 2 names that differ only in the Unicode form of accented letters "
          "(NFC or NFD): \"caf\u00e9\" and \"cafe\u0301\". Rename one.");
    CHECK(open_failure("name,Name\n") == ""); // two columns
}

TEST_CASE("a survey counts rows and collects batches") {
    const auto found = survey("x,batch\n1, A \n2,B\n3,A\n4,\n");
    REQUIRE(found);
    CHECK(found->rows == 4);
    CHECK(found->batches == std::set<std::string>{"A", "B"});
    const auto ignored = survey("x,batch\n1,A\n", R"({"batch_name_column":"IGNORE"})");
    REQUIRE(ignored);
    CHECK(ignored->batches.empty());
}

TEST_CASE("a survey finds a bad row before anything is created") {
    const auto found = survey("a,b\n1,2\n1\n");
    REQUIRE_FALSE(found);
    CHECK(found.error().text == "Row 3 of the CSV has 1 cell, but row 1 names 2 columns.");
}
