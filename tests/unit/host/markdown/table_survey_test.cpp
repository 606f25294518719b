#include "host/markdown/table_survey.hpp"

#include "host/hub/project_batches.hpp"
#include "host/job/recorded_job.hpp"
#include "host/markdown/csv_token.hpp"
#include "printing.hpp"

#include <fmt/format.h>

using namespace angod;
using namespace angod::host;

namespace {

Result<TableSurvey> survey(const std::string &csv, const std::string &config = "{}", bool cancelled = false) {
    RecordedJob run("{}");
    run.job.config = config;
    run.job.limits.asset_bytes = 1000;
    if (cancelled) run.job.cancel.cancel();
    const std::string token = csv_token(csv);
    return survey_table(run.job, token);
}

constexpr const char *kBatchColumn = R"({"batch_name_column":"b"})";

} // namespace

TEST_CASE("rows are counted and their batches collected, without blanks around a name") {
    const auto found = survey("a,b\n1,x\n2, x \n3,\n4,y\n5,x\n", kBatchColumn);
    REQUIRE(found);
    CHECK(found->columns == std::vector<std::string>{"a", "b"});
    CHECK(found->rows == 5);
    CHECK(found->batches == std::set<std::string>{"x", "y"});
    const auto ignored = survey("a,b\n1,x\n", R"({"batch_name_column":"IGNORE"})");
    REQUIRE(ignored);
    CHECK(ignored->batches.empty());
    CHECK(survey("a,b\n")->rows == 0);
}

TEST_CASE("a mistake in the last row or in the options is found before anything is created") {
    CHECK(!survey("a,b\n1,x\n2,y,z\n"));
    CHECK(!survey("a,b\n1,x\n2,\"y\n"));
    CHECK(!survey("a,b\n1,x\n", R"({"batch_name_column":5})"));
    CHECK(!survey("a,b\n1," + std::string(2000, 'x') + "\n"));
    CHECK(!survey(""));
}

TEST_CASE("a column with too many different names is no column of batches") {
    std::string csv = "a,b\n";
    for (std::size_t i = 0; i < kMaxNewBatches; ++i) csv += fmt::format("1,{}\n", i);
    CHECK(survey(csv, kBatchColumn)->batches.size() == kMaxNewBatches);
    const auto found = survey(csv + "1,last\n", kBatchColumn);
    REQUIRE(!found);
    CHECK(found.error().code == Code::limit);
    CHECK(found.error().text.find("names batch number 10001 in column \"b\"") != std::string::npos);
}

TEST_CASE("a cancel ends the survey") {
    const auto found = survey("a,b\n1,x\n", "{}", true);
    REQUIRE(!found);
    CHECK(found.error().code == Code::cancelled);
}

TEST_CASE("rows that a spreadsheet left empty are told with their number") {
    const auto found = survey("a,b\n1,x\n,\n , \n2,y\n,\n");
    REQUIRE(found);
    CHECK(found->rows == 2);
    CHECK(found->warnings.empty());
    CHECK(found->notes ==
          std::vector<std::string>{"3 rows of the CSV, of which the first is row 3, have only empty cells "
                                   "and were left out."});
    CHECK(survey("a,b\n1,x\n,\n")->notes ==
          std::vector<std::string>{"Row 3 of the CSV has only empty cells and was left out."});
    CHECK(survey("a,b\n1,x\n\n")->notes.empty());
}

TEST_CASE("equal external IDs are told with both rows") {
    const char *const config = R"({"external_id_columns":["a"]})";
    const auto found = survey("a,b\n7,x\n,y\n8,z\n7,x\n7,y\n8 ,z\n,\n00001.md,w\n", config);
    REQUIRE(found);
    const std::string reason = " Hub finds assets by this ID, so labels of one may reach the other.";
    CHECK(found->warnings ==
          std::vector<std::string>{
              "Rows 2 and 5 of the CSV have the same external ID \"7\"." + reason,
              "Rows 3 and 9 of the CSV have the same external ID \"00001.md\"." + reason,
              "Rows 4 and 7 of the CSV have external IDs that differ only in blanks or other characters that cannot be "
              "seen: \"8\" and \"8\u2420\"." +
                  reason,
              "In all, 4 rows of the CSV repeat the external ID of an earlier row."});
    CHECK(found->notes ==
          std::vector<std::string>{
              "Row 8 of the CSV has only empty cells and was left out.",
              "Row 3 of the CSV has no text in the columns of option \"external_id_columns\": the number "
              "of the row is its external ID."});
    CHECK(survey("a,b\ncaf\u00e9,x\ncafe\u0301,y\nA,z\na,z\n", config)->warnings ==
          std::vector<std::string>{"Rows 2 and 3 of the CSV have external IDs that differ only in the Unicode form of "
                                   "accented letters (NFC or NFD): \"caf\u00e9\" and \"cafe\u0301\"." +
                                   reason});
    std::string many = "a,b\n";
    for (int twice = 0; twice < 2; ++twice)
        for (int i = 0; i < 20; ++i) many += fmt::format("{},x\n", i);
    const auto twenty = survey(many, config);
    REQUIRE(twenty->warnings.size() == 6);
    CHECK(twenty->warnings[4] == "Rows 6 and 26 of the CSV have the same external ID \"4\"." + reason);
    CHECK(twenty->warnings[5] == "In all, 20 rows of the CSV repeat the external ID of an earlier row.");
    CHECK(survey("a,b\n7,x\n7,y\n")->warnings.empty()); // the number of the row names the asset
}

TEST_CASE("a name of a batch has no blanks at its ends, whatever kind they are") {
    CHECK(survey("a,b\n1,x\n2,\u00a0x\u200b\n3,\u3000\n", kBatchColumn)->batches == std::set<std::string>{"x"});
}
