// The CSV of an event: a row of names, then rows with a cell for each.
#pragma once

#include "host/markdown/base64_text.hpp"
#include "host/markdown/csv_reader.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// Holds one row. All errors are sentences for the user, and final.
class CsvTable {
public:
    /// input_file: the file in base64, a JSON string token that outlives this. max_row: bytes of a row.
    CsvTable(std::string_view input_file, std::uint64_t max_row);
    CsvTable(const CsvTable &) = delete;
    CsvTable &operator=(const CsvTable &) = delete;

    /// Reads the names: first, once.
    Result<void> open();
    /// None twice.
    const std::vector<std::string> &columns() const { return columns_; }
    /// The next row, with as many cells as there are columns; false: the end. Valid until the next call.
    Result<bool> next(CsvRow &row);

private:
    Result<std::string_view> bytes();
    Result<void> check_names(const CsvRow &names);

    Base64Text file_;
    CsvReader reader_;
    std::vector<std::string> columns_;
    std::uint64_t names_row_ = 0;
    bool sniffed_ = false;
};

} // namespace angod::host
