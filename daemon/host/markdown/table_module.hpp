// Calls of a markdown module for the rows of one job.
#pragma once

#include "host/markdown/csv_reader.hpp"

#include <ango/module.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// One for each job; job thread. The destructor calls the module's end.
class TableModule {
public:
    /// All arguments must outlive it.
    TableModule(const ango_markdown_v1 &table, ango_instance *instance, ango_job &job)
        : table_(table), instance_(instance), job_(job) {}
    TableModule(const TableModule &) = delete;
    TableModule &operator=(const TableModule &) = delete;
    ~TableModule();

    /// Calls the module's begin. Call it once, before the rows. Both arguments must outlive this object. Returns the
    /// module's status.
    std::int32_t begin(const std::vector<std::string> &columns, std::string_view markdown);
    /// Calls the module's row. number: from 0. The asset is valid until the next call. Returns the module's status.
    std::int32_t row(std::uint64_t number, const CsvRow &row, ango_row_asset &asset);

private:
    const ango_markdown_v1 &table_;
    ango_instance *const instance_;
    ango_job &job_;
    std::vector<ango_str> columns_, cells_;
    ango_table info_{};
    void *state_ = nullptr;
    bool begun_ = false; ///< begin was called, so end must be called
};

} // namespace angod::host
