// The reader takes pieces of the file from its source and copies the cells of one row into one buffer; a cell may begin
// in one piece and end in another. Text between separators or quotes is found and copied as a whole, not byte by byte.
// The state that decides what a byte means is in the table of the header. One thread.
#include "host/markdown/csv_reader.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace angod::host {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr std::array<bool, 256> kEndsPlainCell = [] {
    std::array<bool, 256> ends{};
    for (const char c : {',', '\n', '\r'}) ends[static_cast<unsigned char>(c)] = true;
    return ends;
}();

bool is_ascii(std::string_view text) {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        if (word & 0x8080808080808080) return false;
    }
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                       [](char c) { return (c & 0x80) == 0; });
}

} // namespace

CsvReader::CsvReader(Source source, std::uint64_t max_row) : source_(std::move(source)), max_row_(max_row) {}

Error CsvReader::bad(std::string_view what) const {
    return error(Code::invalid, fmt::format("Row {} of the CSV {}", number_, what));
}

/// Whether a byte is left; takes the next piece if necessary.
Result<bool> CsvReader::more() {
    if (!left_.empty()) return true;
    const auto piece = source_();
    if (!piece) return piece.error();
    left_ = *piece;
    return !left_.empty();
}

Result<void> CsvReader::keep(const char *from, const char *to) {
    const auto size = static_cast<std::size_t>(to - from);
    if (size > max_row_ - text_.size())
        return error(Code::limit, fmt::format("Row {} of the CSV is longer than {} MB, which limits.asset_mb allows.",
                                              number_, max_row_ >> 20));
    if (size > 0 && std::memchr(from, 0, size))
        return bad("holds a zero byte, so this is not a CSV file. Save it as CSV (comma-separated, UTF-8).");
    text_.append(from, size);
    return {};
}

Result<void> CsvReader::end_cell() {
    if (ends_.size() == kMaxCells) return bad(fmt::format("has more than {} cells.", kMaxCells));
    ends_.push_back(text_.size());
    return {};
}

Result<bool> CsvReader::end_row(CsvRow &row) {
    if (const auto ended = end_cell(); !ended) return ended.error();
    row.number = number_;
    row.cells.clear();
    std::size_t from = 0;
    for (const std::size_t end : ends_) {
        row.cells.push_back(std::string_view(text_).substr(from, end - from));
        from = end;
    }
    if (is_ascii(text_)) return true;
    for (std::size_t i = 0; i < row.cells.size(); ++i)
        if (!is_utf8(row.cells[i]))
            return bad(
                fmt::format("is not UTF-8 text, in cell {}. Save the file as CSV UTF-8 (comma-separated).", i + 1));
    return true;
}

/// The mark may come in several pieces. If only its first bytes match, they are text of the first cell.
Result<void> CsvReader::skip_byte_order_mark() {
    std::size_t matched = 0;
    while (matched < kByteOrderMark.size()) {
        const auto any = more();
        if (!any) return any.error();
        if (!*any || left_[0] != kByteOrderMark[matched]) break;
        left_.remove_prefix(1);
        ++matched;
    }
    if (matched < kByteOrderMark.size()) text_ = kByteOrderMark.substr(0, matched);
    return {};
}

/// The text of a quoted cell up to the next quote.
Result<void> CsvReader::read_quoted() {
    const char *const from = left_.data();
    const void *quote = std::memchr(from, '"', left_.size());
    const char *const to = quote ? static_cast<const char *>(quote) : from + left_.size();
    if (const auto kept = keep(from, to); !kept) return kept;
    if (quote) state_ = State::closed;
    left_.remove_prefix(static_cast<std::size_t>(to - from) + (quote ? 1 : 0));
    return {};
}

/// A quote that opens a cell, or the second one of a pair inside a quoted cell.
Result<void> CsvReader::read_quote() {
    const char *const from = left_.data();
    if (const auto kept = keep(from, from + (state_ == State::closed ? 1 : 0)); !kept) return kept;
    state_ = State::quoted;
    left_.remove_prefix(1);
    return {};
}

/// Unquoted text up to a separator, which is returned; 0 if the piece holds none.
Result<char> CsvReader::read_plain() {
    const char *const from = left_.data();
    const char *const end = from + left_.size();
    const char *at = from;
    while (at != end && !kEndsPlainCell[static_cast<unsigned char>(*at)]) ++at;
    if (at != from) {
        if (state_ == State::closed)
            return bad(fmt::format("has text behind the closing quote of cell {}. A quote inside of a quoted cell is "
                                   "written twice.",
                                   ends_.size() + 1));
        if (const auto kept = keep(from, at); !kept) return kept.error();
        state_ = State::plain;
    }
    const char stop = at == end ? '\0' : *at;
    left_.remove_prefix(static_cast<std::size_t>(at - from) + (stop ? 1 : 0));
    return stop;
}

Result<bool> CsvReader::end_file(CsvRow &row) {
    if (state_ == State::quoted) return bad("has a cell whose opening quote is never closed.");
    if (state_ == State::cell_start && ends_.empty()) return false;
    return end_row(row);
}

Result<bool> CsvReader::next(CsvRow &row) {
    text_.clear();
    ends_.clear();
    ++number_;
    if (!begun_) {
        begun_ = true;
        if (const auto skipped = skip_byte_order_mark(); !skipped) return skipped.error();
    }
    state_ = text_.empty() ? State::cell_start : State::plain;
    for (;;) {
        const auto any = more();
        if (!any) return any.error();
        if (!*any) return end_file(row);
        if (std::exchange(after_cr_, false) && left_[0] == '\n') {
            left_.remove_prefix(1);
            continue;
        }
        if (state_ == State::quoted) {
            if (const auto read = read_quoted(); !read) return read.error();
            continue;
        }
        if (left_[0] == '"' && state_ != State::plain) {
            if (const auto read = read_quote(); !read) return read.error();
            continue;
        }
        const auto stop = read_plain();
        if (!stop) return stop.error();
        if (*stop == '\0') continue;
        if (*stop == ',') {
            if (const auto ended = end_cell(); !ended) return ended.error();
            state_ = State::cell_start;
            continue;
        }
        after_cr_ = *stop == '\r';
        if (state_ != State::cell_start || !ends_.empty()) return end_row(row);
        ++number_; // a blank row
    }
}

} // namespace angod::host
