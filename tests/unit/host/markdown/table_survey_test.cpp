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
