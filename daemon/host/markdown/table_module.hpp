// A markdown module at work on the rows of one job.
#pragma once

#include "host/markdown/csv_reader.hpp"

#include <ango/module.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// One for each job; job thread. Calls the module's end.
class TableModule {
public:
    /// All must outlive it.
    TableModule(const ango_markdown_v1 &table, ango_instance *instance, ango_job &job)
        : table_(table), instance_(instance), job_(job) {}
    TableModule(const TableModule &) = delete;
    TableModule &operator=(const TableModule &) = delete;
    ~TableModule();

    /// Once, before the rows. Both must outlive this. A status of the module.
    std::int32_t begin(const std::vector<std::string> &columns, std::string_view markdown);
    /// number: from 0. What it makes is valid until the next call.
    std::int32_t row(std::uint64_t number, const CsvRow &row, ango_row_asset &asset);

private:
    const ango_markdown_v1 &table_;
    ango_instance *const instance_;
    ango_job &job_;
    std::vector<ango_str> columns_, cells_;
    ango_table info_{};
    void *state_ = nullptr;
    bool begun_ = false;
};

} // namespace angod::host
