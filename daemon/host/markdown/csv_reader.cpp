#include "host/markdown/csv_reader.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

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

/// Whether there is a byte left.
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
        return bad("holds a zero byte, so this is no CSV file. Save it as CSV (comma-separated, UTF-8).");
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

/// It may come in several pieces; what only looked like its beginning is text.
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

Result<bool> CsvReader::next(CsvRow &row) {
    text_.clear();
    ends_.clear();
    ++number_;
    if (!begun_) {
        begun_ = true;
        if (const auto skipped = skip_byte_order_mark(); !skipped) return skipped.error();
    }
    State state = text_.empty() ? State::cell_start : State::plain;
    for (;;) {
        const auto any = more();
        if (!any) return any.error();
        if (!*any) {
            if (state == State::quoted) return bad("has a cell whose opening quote is never closed.");
            if (state == State::cell_start && ends_.empty()) return false;
            return end_row(row);
        }
        if (after_cr_) {
            after_cr_ = false;
            if (left_[0] == '\n') {
                left_.remove_prefix(1);
                continue;
            }
        }
        const char *const from = left_.data();
        const char *const end = from + left_.size();
        const char *at = from;
        if (state == State::quoted) {
            const void *quote = std::memchr(from, '"', left_.size());
            at = quote ? static_cast<const char *>(quote) : end;
            if (const auto kept = keep(from, at); !kept) return kept.error();
            if (quote) {
                state = State::closed;
                ++at;
            }
            left_.remove_prefix(static_cast<std::size_t>(at - from));
            continue;
        }
        if (*at == '"' && state != State::plain) {
            const bool doubled = state == State::closed;
            if (const auto kept = keep(from, from + (doubled ? 1 : 0)); !kept) return kept.error();
            state = State::quoted;
            left_.remove_prefix(1);
            continue;
        }
        while (at != end && !kEndsPlainCell[static_cast<unsigned char>(*at)]) ++at;
        if (at != from) {
            if (state == State::closed)
                return bad(
                    fmt::format("has text behind the closing quote of cell {}. A quote inside of a quoted cell is "
                                "written twice.",
                                ends_.size() + 1));
            if (const auto kept = keep(from, at); !kept) return kept.error();
            state = State::plain;
        }
        left_.remove_prefix(static_cast<std::size_t>(at - from));
        if (at == end) continue;
        const char stop = *at;
        left_.remove_prefix(1);
        if (stop == ',') {
            if (const auto ended = end_cell(); !ended) return ended.error();
            state = State::cell_start;
            continue;
        }
        after_cr_ = stop == '\r';
        if (state != State::cell_start || !ends_.empty()) return end_row(row);
        ++number_; // a blank row
    }
}

} // namespace angod::host
