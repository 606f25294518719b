// CSV as RFC 4180 has it, read as a stream.
//
// The packaged reader for C (libcsv) has two modes, and neither fits. The lenient mode silently takes the rest of the
// file as one cell after "a"b. The strict mode refuses 5" in an unquoted cell, which spreadsheets and pandas accept.
// Neither counts blank lines, but users look rows up by their number.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct CsvRow {
    std::uint64_t number = 0; ///< as a spreadsheet counts: from 1; the row of names and blank rows count too
    std::vector<std::string_view> cells;
};

/// Reads comma-separated text. Rows end with LF, CRLF or CR; the last row may have no end. The reader skips blank rows
/// and byte order marks in front, and holds one row in memory. One thread.
class CsvReader {
public:
    static constexpr std::size_t kMaxCells = 16'384; // in a row; the limit of spreadsheets

    /// Whether a character can stand between cells: a tab, or an ASCII sign other than a quote, a letter or a digit.
    static bool can_separate(char c);

    /// Returns the next bytes of the file, valid until the next call; empty at the end.
    using Source = std::function<Result<std::string_view>()>;
    /// max_row: bytes of all cells of a row together.
    CsvReader(Source source, std::uint64_t max_row);

    /// Reads the next row; false at the end. The cells are valid until the next call; each is UTF-8 without a NUL. An
    /// error names the row and is final.
    Result<bool> next(CsvRow &row);
    /// From the next row on this character stands between cells, in place of the comma; see can_separate.
    void separate_by(char separator) { separator_ = separator; }

private:
    /// Where the next byte stands. `cell` and `row` mean that the cell or the row ends; everything else is text.
    ///
    ///               '"'             separator           line end           other byte   end of file
    ///   cell_start  → quoted        cell → cell_start   row (1)            → plain      row (1)
    ///   plain       text            cell → cell_start   row → cell_start   text         row
    ///   quoted      → closed        text                text               text         error
    ///   closed      text → quoted   cell → cell_start   row → cell_start   error        row
    ///
    /// (1) If the row has no cell yet, the line is blank and is skipped, and the end of the file is the end.
    enum class State { cell_start, plain, quoted, closed };

    Result<bool> more();
    Result<void> keep(const char *from, const char *to);
    Result<void> read_quoted();
    Result<void> read_quote();
    Result<char> read_plain();
    Result<void> end_cell();
    Result<bool> end_row(CsvRow &row);
    Result<bool> end_file(CsvRow &row);
    Result<void> skip_byte_order_marks();
    Error bad(std::string_view what) const;
    Error behind_quote(char next) const;
    Error not_utf8(const CsvRow &row, std::size_t cell) const;

    Source source_;
    const std::uint64_t max_row_;
    std::string_view left_;         ///< unread rest of the source's piece
    std::string text_;              ///< the cells of the row, one after the other
    std::vector<std::size_t> ends_; ///< where in text_ each one ends
    std::uint64_t number_ = 0;
    State state_ = State::cell_start;
    bool after_cr_ = false; ///< the last byte ended a line; an LF behind it belongs to the same end
    bool begun_ = false;    ///< byte order marks in front were skipped
    char separator_ = ',';
};

} // namespace angod::host
