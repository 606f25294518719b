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

/// Rows in which nothing can be seen are left out: spreadsheets write them for rows that were emptied. A line "sep=;" in
/// front, which spreadsheets read and do not show, gives the separator.
///
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
    /// The column names without blanks at their ends; no two look the same.
    const std::vector<std::string> &columns() const { return columns_; }
    /// Reads the next row, which has one cell for each column; false at the end. Valid until the next call.
    Result<bool> next(CsvRow &row);

    struct EmptyRows {
        std::uint64_t count = 0, first = 0; ///< first: its number, as in CsvRow
    };
    /// The rows that were left out so far because all of their cells are empty.
    const EmptyRows &empty_rows() const { return empty_; }

private:
    Result<std::string_view> bytes();
    Result<bool> next_filled(CsvRow &row);
    Result<bool> read_separator(const CsvRow &row);
    Result<void> check_separator(const CsvRow &names) const;
    Result<void> check_names(const CsvRow &names);

    Base64Text file_;
    CsvReader reader_;
    std::vector<std::string> columns_;
    EmptyRows empty_;
    std::uint64_t names_row_ = 0;
    std::uint64_t separator_row_ = 0; ///< 0: no row gives the separator
    char separator_ = ',';
    bool sniffed_ = false; ///< the first bytes were checked for other formats
};

} // namespace angod::host
