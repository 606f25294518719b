// Spreadsheets do more to a table than RFC 4180 says: they save it in other encodings and formats, put a line in front
// that names the separator, write rows of empty cells, and keep blanks around the names of columns.
// Each of these is understood here, or told with its row. Names are shown with their invisible characters made visible.
#include "host/markdown/csv_table.hpp"

#include "base/utf8.hpp"
#include "common/names.hpp"
#include "common/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace angod::host {

namespace {

constexpr std::size_t kQuoted = 100; // bytes of a name in an error text

std::string in_quotes(std::string_view name) { return ango::common::quote(beginning_of(name, kQuoted)); }

/// The encoding by the byte order mark, or by the zero bytes of the first two characters, which are ASCII in most files.
const char *wide_encoding(std::string_view begin) {
    using namespace std::string_view_literals;
    if (begin.starts_with("\xff\xfe\0\0"sv) || begin.starts_with("\0\0\xfe\xff"sv)) return "UTF-32";
    if (begin.starts_with("\xff\xfe") || begin.starts_with("\xfe\xff")) return "UTF-16";
    if (begin.size() < 4) return nullptr;
    const std::array<bool, 4> zero{begin[0] == 0, begin[1] == 0, begin[2] == 0, begin[3] == 0};
    if (zero == std::array{false, true, true, true} || zero == std::array{true, true, true, false}) return "UTF-32";
    if (zero == std::array{false, true, false, true} || zero == std::array{true, false, true, false}) return "UTF-16";
    return nullptr;
}

/// Recognises other formats that users upload by mistake, by their first bytes. Returns the error text; empty if the
/// file may be a CSV.
std::string not_csv(std::string_view begin) {
    if (begin.starts_with("PK\x03\x04") || begin.starts_with("\xd0\xcf\x11\xe0"))
        return "The file is a workbook, not a CSV. Save it as CSV (comma-separated, UTF-8).";
    if (const char *encoding = wide_encoding(begin))
        return fmt::format("The CSV file is {} text. Save it as CSV UTF-8 (comma-separated).", encoding);
    return {};
}

bool is_empty(const CsvRow &row) {
    return std::all_of(row.cells.begin(), row.cells.end(),
                       [](std::string_view cell) { return ango::common::is_blank(cell); });
}

std::string name_of_separator(char separator) {
    switch (separator) {
        case ',': return "commas";
        case ';': return "semicolons";
        case '\t': return "tabs";
        default: return fmt::format("the character \"{}\"", separator);
    }
}

bool is_sep(std::string_view begin) {
    return begin.size() == 4 && (begin[0] | 32) == 's' && (begin[1] | 32) == 'e' && (begin[2] | 32) == 'p' &&
           begin[3] == '=';
}

} // namespace

CsvTable::CsvTable(std::string_view input_file, std::uint64_t max_row)
    : file_(input_file), reader_([this] { return bytes(); }, max_row) {}

Result<std::string_view> CsvTable::bytes() {
    auto piece = file_.next();
    if (!sniffed_ && piece) {
        sniffed_ = true;
        if (const std::string problem = not_csv(*piece); !problem.empty()) return error(Code::invalid, problem);
    }
    return piece;
}

/// Reads the next row in which a cell holds something.
Result<bool> CsvTable::next_filled(CsvRow &row) {
    for (;;) {
        const auto any = reader_.next(row);
        if (!any || !*any || !is_empty(row)) return any;
        if (empty_.count++ == 0) empty_.first = row.number;
    }
}

Result<void> CsvTable::open() {
    CsvRow names;
    auto any = next_filled(names);
    if (!any) return any.error();
    if (*any) {
        const auto separates = read_separator(names);
        if (!separates) return separates.error();
        if (*separates) any = next_filled(names);
        if (!any) return any.error();
    }
    if (!*any) return error(Code::invalid, "The CSV file is empty: its first row must name the columns.");
    return check_names(names);
}

/// Whether the row is "sep=" and a separator, which then holds for the rows behind it. A spreadsheet may have put the
/// line into quotes, or empty cells behind it. The reader has split the row at commas.
Result<bool> CsvTable::read_separator(const CsvRow &row) {
    const std::string_view line = ango::common::without_blanks(row.cells[0]);
    if (!is_sep(line.substr(0, 4))) return false;
    for (std::size_t i = 1; i < row.cells.size(); ++i)
        if (!ango::common::is_blank(row.cells[i])) return false;
    std::string_view rest = row.cells[0].substr(row.cells[0].find('=') + 1);
    if (rest == "\\t") rest = "\t";
    if (rest.empty() && row.cells.size() > 1) rest = ","; // the reader took it for the end of the first cell
    const bool one = !rest.empty() && (rest.find_first_not_of(rest[0]) == std::string_view::npos ||
                                       ango::common::is_blank(rest.substr(1)));
    if (!one || !CsvReader::can_separate(rest[0]))
        return error(Code::invalid,
                     fmt::format("Row {} of the CSV is {}, which a spreadsheet reads as the separator of "
                                 "the cells and does not show, but it names none. Remove this row.",
                                 row.number, in_quotes(row.cells[0])));
    separator_row_ = row.number;
    separator_ = rest[0];
    reader_.separate_by(separator_);
    return true;
}

/// A file with another separator has one name in its first row.
Result<void> CsvTable::check_separator(const CsvRow &names) const {
    if (names.cells.size() != 1) return {};
    for (const char other : {',', ';', '\t'}) {
        if (other == separator_ || names.cells[0].find(other) == std::string_view::npos) continue;
        const std::string are = fmt::format("The names in row {} of the CSV are separated by {}, not by {}",
                                            names.number, name_of_separator(other), name_of_separator(separator_));
        if (separator_row_ == 0) return error(Code::invalid, are + ". Save the file as comma-separated CSV.");
        return error(Code::invalid, fmt::format("{} as the line \"sep=\" in row {} says, which a spreadsheet does not "
                                                "show. Save the file as comma-separated CSV without this line.",
                                                are, separator_row_));
    }
    return {};
}

Result<void> CsvTable::check_names(const CsvRow &names) {
    if (const auto good = check_separator(names); !good) return good;
    ango::common::NameIndex first;
    for (std::size_t i = 0; i < names.cells.size(); ++i) {
        const std::string_view name = ango::common::without_blanks(names.cells[i]);
        if (const auto same = first.same(name)) {
            const std::string_view other = names.cells[*same];
            if (name.empty())
                return error(Code::invalid, fmt::format("Row {} of the CSV gives no name to the columns {} and {}. "
                                                        "Name or remove them.",
                                                        names.number, *same + 1, i + 1));
            if (other == names.cells[i])
                return error(Code::invalid, fmt::format("Row {} of the CSV names two columns {}: {} and {}. Rename "
                                                        "one.",
                                                        names.number, in_quotes(name), *same + 1, i + 1));
            const auto how = ango::common::difference(other, names.cells[i]);
            return error(Code::invalid,
                         fmt::format("Row {} of the CSV gives the columns {} and {} names that differ only {}: {} and "
                                     "{}. Rename one.",
                                     names.number, *same + 1, i + 1,
                                     ango::common::said(how.value_or(ango::common::Difference::invisible)),
                                     in_quotes(other), in_quotes(names.cells[i])));
        }
        first.add(name);
        columns_.emplace_back(name);
    }
    names_row_ = names.number;
    return {};
}

Result<bool> CsvTable::next(CsvRow &row) {
    auto any = next_filled(row);
    if (any && *any && row.cells.size() != columns_.size())
        return error(Code::invalid, fmt::format("Row {} of the CSV has {} cell{}, but row {} names {} column{}.",
                                                row.number, row.cells.size(), row.cells.size() == 1 ? "" : "s",
                                                names_row_, columns_.size(), columns_.size() == 1 ? "" : "s"));
    return any;
}

} // namespace angod::host
