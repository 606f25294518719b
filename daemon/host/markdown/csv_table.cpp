#include "host/markdown/csv_table.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <unordered_map>

namespace angod::host {

namespace {

constexpr std::size_t kQuoted = 100; // bytes of a name in an error text

std::string in_quotes(std::string_view name) { return json::quote(beginning_of(name, kQuoted)); }

/// Recognises other formats that users upload by mistake, by their first bytes. Returns the error text; null if the
/// file may be a CSV.
const char *not_csv(std::string_view begin) {
    if (begin.starts_with("PK\x03\x04") || begin.starts_with("\xd0\xcf\x11\xe0"))
        return "The file is a workbook, not a CSV. Save it as CSV (comma-separated, UTF-8).";
    if (begin.starts_with("\xff\xfe") || begin.starts_with("\xfe\xff"))
        return "The CSV file is UTF-16 text. Save it as CSV UTF-8 (comma-separated).";
    return nullptr;
}

} // namespace

CsvTable::CsvTable(std::string_view input_file, std::uint64_t max_row)
    : file_(input_file), reader_([this] { return bytes(); }, max_row) {}

Result<std::string_view> CsvTable::bytes() {
    auto piece = file_.next();
    if (!sniffed_ && piece) {
        sniffed_ = true;
        if (const char *problem = not_csv(*piece)) return error(Code::invalid, problem);
    }
    return piece;
}

Result<void> CsvTable::open() {
    CsvRow names;
    const auto any = reader_.next(names);
    if (!any) return any.error();
    if (!*any) return error(Code::invalid, "The CSV file is empty: its first row must name the columns.");
    return check_names(names);
}

Result<void> CsvTable::check_names(const CsvRow &names) {
    if (names.cells.size() == 1)
        for (const auto &[separator, name] : {std::pair(';', "semicolons"), std::pair('\t', "tabs")})
            if (names.cells[0].find(separator) != std::string_view::npos)
                return error(Code::invalid, fmt::format("The names in row {} of the CSV are separated by {}, not by "
                                                        "commas. Save the file as comma-separated CSV.",
                                                        names.number, name));
    std::unordered_map<std::string_view, std::size_t> first;
    for (std::size_t i = 0; i < names.cells.size(); ++i) {
        const auto [at, is_new] = first.emplace(names.cells[i], i);
        if (!is_new && names.cells[i].empty())
            return error(Code::invalid, fmt::format("Row {} of the CSV gives no name to the columns {} and {}. Name or "
                                                    "remove them.",
                                                    names.number, at->second + 1, i + 1));
        if (!is_new)
            return error(Code::invalid, fmt::format("Row {} of the CSV names two columns {}: {} and {}. Rename one.",
                                                    names.number, in_quotes(names.cells[i]), at->second + 1, i + 1));
    }
    names_row_ = names.number;
    columns_.assign(names.cells.begin(), names.cells.end());
    return {};
}

Result<bool> CsvTable::next(CsvRow &row) {
    auto any = reader_.next(row);
    if (any && *any && row.cells.size() != columns_.size())
        return error(Code::invalid, fmt::format("Row {} of the CSV has {} cell{}, but row {} names {} column{}.",
                                                row.number, row.cells.size(), row.cells.size() == 1 ? "" : "s",
                                                names_row_, columns_.size(), columns_.size() == 1 ? "" : "s"));
    return any;
}

} // namespace angod::host
