#include "host/markdown/table_module.hpp"

#include "host/job/recorded_job.hpp"
#include "host/markdown/own_markdown.hpp"
#include "host/module/handles.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace angod;
using namespace angod::host;

namespace {

CsvRow row_of(std::vector<std::string_view> cells) {
    CsvRow row;
    row.cells = std::move(cells);
    return row;
}

} // namespace

TEST_CASE("the module gets the columns once and then each row with its number") {
    RecordedJob run("{}");
    ango_job handle(run.job);
    std::string told;
    OwnMarkdown own([&](ango_job &, const ango_row &row, ango_row_asset &asset) {
        CHECK(asset.struct_size == sizeof asset);
        CHECK(asset.skip == 0);
        told += std::to_string(row.number) + ":" + std::string(OwnMarkdown::view(row.cells[0])) + "," +
                std::string(OwnMarkdown::view(row.cells[1])) + ";";
        asset.skip = 1;
        return ANGO_OK;
    });
    own.with_begin([&](ango_job &, const ango_table &table) {
        CHECK(table.struct_size == sizeof table);
        REQUIRE(table.column_count == 2);
        told += std::string(OwnMarkdown::view(table.columns[1])) + "|" + std::string(OwnMarkdown::view(table.markdown));
        return ANGO_OK;
    });
    const std::vector<std::string> columns{"a", "b"};
    {
        TableModule module(own.table, nullptr, handle);
        REQUIRE(module.begin(columns, "# {a}") == ANGO_OK);
        ango_row_asset asset{};
        CHECK(module.row(0, row_of({"1", "2"}), asset) == ANGO_OK);
        CHECK(asset.skip == 1);
        CHECK(module.row(7, row_of({"", "3"}), asset) == ANGO_OK);
        CHECK(OwnMarkdown::ends == 0);
    }
    CHECK(told == "b|# {a}0:1,2;7:,3;");
    CHECK(OwnMarkdown::ends == 1);
}

TEST_CASE("end follows every begin, also one that failed, and only that") {
    RecordedJob run("{}");
    ango_job handle(run.job);
    OwnMarkdown own([](ango_job &, const ango_row &, ango_row_asset &) { return ANGO_OK; });
    own.with_begin([](ango_job &, const ango_table &) { return ANGO_FAILED; });
    const std::vector<std::string> columns{"a"};
    { const TableModule never_begun(own.table, nullptr, handle); }
    CHECK(OwnMarkdown::ends == 0);
    {
        TableModule module(own.table, nullptr, handle);
        CHECK(module.begin(columns, "") == ANGO_FAILED);
    }
    CHECK(OwnMarkdown::ends == 1);
    const OwnMarkdown simple([](ango_job &, const ango_row &, ango_row_asset &) { return ANGO_OK; });
    TableModule module(simple.table, nullptr, handle); // without begin and end
    CHECK(module.begin(columns, "") == ANGO_OK);
}

TEST_CASE("what the module throws fails the job, and end throws without harm") {
    RecordedJob run("{}");
    ango_job handle(run.job);
    OwnMarkdown own(
        [](ango_job &, const ango_row &, ango_row_asset &) -> std::int32_t { throw std::runtime_error("boom"); });
    own.with_begin([](ango_job &, const ango_table &) { return ANGO_OK; });
    own.table.end = [](ango_instance *, ango_job *, void *) { throw 1; };
    const std::vector<std::string> columns{"a"};
    {
        TableModule module(own.table, nullptr, handle);
        REQUIRE(module.begin(columns, "") == ANGO_OK);
        ango_row_asset asset{};
        CHECK(module.row(0, row_of({"1"}), asset) == ANGO_FAILED);
    }
    CHECK(handle.failure.operator_text == "the module's row threw an exception: boom");
}
