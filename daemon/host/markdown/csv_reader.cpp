// The reader takes pieces of the file from its source and copies the cells of one row into one buffer; a cell may begin
// in one piece and end in another. Text between separators or quotes is found and copied as a whole, not byte by byte.
// The state that decides what a byte means is in the table of the header. One thread.
#include "host/markdown/csv_reader.hpp"

#include "base/utf8.hpp"
#include "host/markdown/windows_1252.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace angod::host {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

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

bool CsvReader::can_separate(char c) {
    const bool sign = c > ' ' && c < '\x7f' && c != '"';
    const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return c == '\t' || (sign && !letter_or_digit);
}

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
        return error(
            Code::limit,
            fmt::format("Row {} of the CSV is longer than {} MB, which limits.asset_mb allows.{}", number_,
                        max_row_ >> 20,
                        state_ == State::quoted
                            ? fmt::format(" The quote that opens its cell {} may never be closed.", ends_.size() + 1)
                            : ""));
    if (size > 0 && std::memchr(from, 0, size))
        return bad(fmt::format("holds a zero byte in cell {}, so this is not a CSV file. Save it as CSV "
                               "(comma-separated, UTF-8).",
                               ends_.size() + 1));
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
        if (!is_utf8(row.cells[i])) return not_utf8(row, i);
    return true;
}

/// Most such files were saved by a spreadsheet in the code page of Western Windows.
Error CsvReader::not_utf8(const CsvRow &row, std::size_t cell) const {
    const std::string_view text = row.cells[cell];
    std::size_t at = 0;
    while (const std::size_t size = utf8_length(text, at)) at += size;
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::string letter = windows_1252_letter(byte);
    return bad(fmt::format("is not UTF-8 text: its cell {} holds the byte 0x{:02X}{}. Save the file as CSV UTF-8 "
                           "(comma-separated).",
                           cell + 1, byte,
                           letter.empty() ? "" : fmt::format(", which is \"{}\" in Windows-1252", letter)));
}

/// A program that puts a mark in front of a file may not see the one that is there. A mark may come in several pieces.
/// If only its first bytes match, they are text of the first cell.
Result<void> CsvReader::skip_byte_order_marks() {
    std::size_t matched = 0;
    for (;;) {
        const auto any = more();
        if (!any) return any.error();
        if (!*any || left_[0] != kByteOrderMark[matched]) break;
        left_.remove_prefix(1);
        matched = (matched + 1) % kByteOrderMark.size();
    }
    text_ = kByteOrderMark.substr(0, matched);
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

/// The error for a character that follows the closing quote of a cell.
Error CsvReader::behind_quote(char next) const {
    const std::size_t cell = ends_.size() + 1;
    if (next != ';' && next != '\t' && next != ',')
        return bad(
            fmt::format("has text behind the closing quote of cell {}. A quote inside of a quoted cell is written "
                        "twice.",
                        cell));
    const auto named = [](char c) { return c == '\t' ? std::string("a tab") : fmt::format("\"{}\"", c); };
    return bad(
        fmt::format("has {} behind the closing quote of cell {}, but {} separates the cells of this file. Save it as "
                    "comma-separated CSV.",
                    named(next), cell, named(separator_)));
}

/// Unquoted text up to a separator, which is returned; 0 if the piece holds none.
Result<char> CsvReader::read_plain() {
    const char *const from = left_.data();
    const char *const end = from + left_.size();
    const char *at = from;
    while (at != end && *at != separator_ && *at != '\n' && *at != '\r') ++at;
    if (at != from) {
        if (state_ == State::closed) return behind_quote(*from);
        if (const auto kept = keep(from, at); !kept) return kept.error();
        state_ = State::plain;
    }
    const char stop = at == end ? '\0' : *at;
    left_.remove_prefix(static_cast<std::size_t>(at - from) + (stop ? 1 : 0));
    return stop;
}

Result<bool> CsvReader::end_file(CsvRow &row) {
    if (state_ == State::quoted)
        return bad(fmt::format("has a quote that opens cell {} and is never closed.", ends_.size() + 1));
    if (state_ == State::cell_start && ends_.empty()) return false;
    return end_row(row);
}

Result<bool> CsvReader::next(CsvRow &row) {
    text_.clear();
    ends_.clear();
    ++number_;
    if (!begun_) {
        begun_ = true;
        if (const auto skipped = skip_byte_order_marks(); !skipped) return skipped.error();
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
        if (*stop == separator_) {
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
