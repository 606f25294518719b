#include "host/markdown/external_ids.hpp"

#include "base/utf8.hpp"
#include "common/names.hpp"
#include "common/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

using ango::common::look_of;

namespace {

constexpr std::size_t kNamed = 5;    // names that are told one by one
constexpr std::size_t kQuoted = 100; // bytes of a name in a sentence

bool has_id(const MarkdownOptions &options, const CsvRow &row) {
    return std::any_of(options.id_columns.begin(), options.id_columns.end(),
                       [&](std::size_t column) { return !ango::common::is_blank(row.cells[column]); });
}

std::string in_quotes(std::string_view name) { return ango::common::quote(beginning_of(name, kQuoted)); }

} // namespace

std::string external_id(const MarkdownOptions &options, std::uint64_t number, const CsvRow &row) {
    if (!has_id(options, row)) return fmt::format("{:05}.md", number);
    std::string out;
    for (std::size_t i = 0; i < options.id_columns.size(); ++i) {
        if (i > 0) out += '_';
        out += row.cells[options.id_columns[i]];
    }
    return out;
}

void EqualIds::add(const MarkdownOptions &options, std::uint64_t number, const CsvRow &row) {
    if (!has_id(options, row) && unnamed_.count++ == 0) unnamed_.first = row.number;
    std::string id = external_id(options, number, row), look = look_of(id);
    if (looks_.insert(look)) return;
    ++repeated_;
    const auto same = [&](const Repeated &each) { return each.look == look; };
    if (first_.size() < kNamed && std::none_of(first_.begin(), first_.end(), same))
        first_.push_back({std::move(look), std::move(id), row.number});
}

Result<std::vector<std::string>> EqualIds::sentences(const MarkdownOptions &options, CsvTable &table) const {
    if (const auto opened = table.open(); !opened) return opened.error();
    std::vector<std::string> out;
    std::vector<bool> found(first_.size());
    CsvRow row;
    for (std::uint64_t number = 0; out.size() < first_.size(); ++number) {
        const auto any = table.next(row);
        if (!any) return any.error();
        if (!*any) break;
        const std::string id = external_id(options, number, row), look = look_of(id);
        for (std::size_t i = 0; i < first_.size(); ++i) {
            if (found[i] || first_[i].look != look || first_[i].row == row.number) continue;
            found[i] = true;
            const auto how = ango::common::difference(id, first_[i].id);
            const std::string names =
                how ? fmt::format("external IDs that differ only {}: {} and {}", ango::common::said(*how),
                                  in_quotes(id), in_quotes(first_[i].id))
                    : fmt::format("the same external ID {}", in_quotes(id));
            out.push_back(
                fmt::format("Rows {} and {} of the CSV have {}. Hub finds assets by this ID, so labels of one "
                            "may reach the other.",
                            row.number, first_[i].row, names));
        }
    }
    if (repeated_ > first_.size())
        out.push_back(fmt::format("In all, {} rows of the CSV repeat the external ID of an earlier row.", repeated_));
    return out;
}

} // namespace angod::host
