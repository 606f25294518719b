// A simple CSV reader on a whole text, as a reference for the real one; and the real one on pieces.
#pragma once

#include "host/markdown/csv_reader.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

struct CsvOutcome {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::uint64_t> numbers;
    std::string failure; ///< empty: it came to the end. Of the reference: "failed"
    bool operator==(const CsvOutcome &) const = default;
};

/// The text in pieces of this size. Each piece has its own memory, which is freed at the next call.
inline CsvOutcome read_csv(std::string_view text, std::size_t piece, std::uint64_t max_row) {
    CsvOutcome out;
    std::size_t at = 0;
    std::vector<char> current;
    angod::host::CsvReader reader(
        [&]() -> angod::Result<std::string_view> {
            const std::string_view next = text.substr(at, piece);
            at += next.size();
            current = std::vector<char>(next.begin(), next.end());
            return std::string_view(current.data(), current.size());
        },
        max_row);
    for (angod::host::CsvRow row;;) {
        const auto any = reader.next(row);
        if (!any) {
            out.failure = any.error().text;
            return out;
        }
        if (!*any) return out;
        out.rows.emplace_back(row.cells.begin(), row.cells.end());
        out.numbers.push_back(row.number);
    }
}

/// The reference. The text must be UTF-8 without zero bytes and without a byte order mark.
inline CsvOutcome reference_csv(const std::string &text) {
    CsvOutcome out;
    std::uint64_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        ++number;
        std::vector<std::string> cells;
        bool blank = true;
        for (;;) {
            std::string cell;
            if (at < text.size() && text[at] == '"') {
                blank = false;
                for (++at;; ++at) {
                    if (at >= text.size()) {
                        out.failure = "failed";
                        return out;
                    }
                    if (text[at] == '"' && text.substr(at, 2) != "\"\"") break;
                    if (text[at] == '"') ++at;
                    cell += text[at];
                }
                ++at;
                if (at < text.size() && std::string(",\r\n").find(text[at]) == std::string::npos) {
                    out.failure = "failed";
                    return out;
                }
            } else {
                const std::size_t end = std::min(text.find_first_of(",\r\n", at), text.size());
                cell = text.substr(at, end - at);
                blank = blank && cell.empty();
                at = end;
            }
            cells.push_back(cell);
            if (at >= text.size() || text[at] != ',') break;
            blank = false;
            ++at;
        }
        if (at < text.size()) at += text.substr(at, 2) == "\r\n" ? 2 : 1;
        if (blank) continue;
        out.rows.push_back(cells);
        out.numbers.push_back(number);
    }
    return out;
}
