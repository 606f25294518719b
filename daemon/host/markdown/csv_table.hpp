// The CSV file of an event: a row of column names, then rows with one cell for each column.
#pragma once

#include "host/markdown/base64_text.hpp"
#include "host/markdown/csv_reader.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// Holds one row. Errors are sentences for the user, and final. One thread.
class CsvTable {
public:
    /// input_file: the file in base64, a JSON string with its quotes that must outlive this object. max_row: bytes of a
    /// row.
    CsvTable(std::string_view input_file, std::uint64_t max_row);
    CsvTable(const CsvTable &) = delete;
    CsvTable &operator=(const CsvTable &) = delete;

    /// Reads the column names. Call it first, once.
    Result<void> open();
    /// The column names; each is unique.
    const std::vector<std::string> &columns() const { return columns_; }
    /// Reads the next row, which has one cell for each column; false at the end. Valid until the next call.
    Result<bool> next(CsvRow &row);

private:
    Result<std::string_view> bytes();
    Result<void> check_names(const CsvRow &names);

    Base64Text file_;
    CsvReader reader_;
    std::vector<std::string> columns_;
    std::uint64_t names_row_ = 0;
    bool sniffed_ = false; ///< the first bytes were checked for other formats
};

} // namespace angod::host
