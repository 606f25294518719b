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
