// CSV as RFC 4180 has it, read as a stream.
//
// Written here because the packaged reader for C (libcsv) offers two bad choices: its lenient mode takes the rest of
// the file for one cell behind "a"b, and does not say so; its strict mode refuses the 5" of an unquoted cell, which
// spreadsheets and pandas read. It does not count blank lines either, and a user looks rows up by their number.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct CsvRow {
    std::uint64_t number = 0; ///< as a spreadsheet counts: from 1, with the row of names and blank ones
    std::vector<std::string_view> cells;
};

/// Comma-separated; rows end with LF, CRLF or CR, the last one perhaps with nothing. Blank rows and a byte order mark
/// are left out. Holds one row.
class CsvReader {
public:
    static constexpr std::size_t kMaxCells = 16'384; // of a row; what spreadsheets have

    /// The next bytes of the file, valid until the next call; empty: the end.
    using Source = std::function<Result<std::string_view>()>;
    /// max_row: bytes of all cells of a row together.
    CsvReader(Source source, std::uint64_t max_row);

    /// False: the end. The cells are valid until the next call; every one is UTF-8 without a NUL. An error names the
    /// row and is final.
    Result<bool> next(CsvRow &row);

private:
    enum class State { cell_start, plain, quoted, closed };

    Result<bool> more();
    Result<void> keep(const char *from, const char *to);
    Result<void> end_cell();
    Result<bool> end_row(CsvRow &row);
    Result<void> skip_byte_order_mark();
    Error bad(std::string_view what) const;

    Source source_;
    const std::uint64_t max_row_;
    std::string_view left_;         ///< of the source's piece
    std::string text_;              ///< the cells of the row, one behind the other
    std::vector<std::size_t> ends_; ///< where in text_ each one ends
    std::uint64_t number_ = 0;
    bool after_cr_ = false, begun_ = false;
};

} // namespace angod::host
