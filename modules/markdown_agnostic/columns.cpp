// Columns are found by names that look the same. A column that an option names and the table lacks is a warning if the
// page only looks different without it, and ends the run if answers or pairs would be missing. The message names the
// column that is called almost so.
#include "markdown_agnostic/columns.hpp"

#include "common/names.hpp"
#include "common/text.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <optional>

namespace ango::markdown_agnostic {

namespace {

using Names = std::vector<std::string_view>;

constexpr std::size_t kQuoted = 100; // bytes of a name in a message

std::string in_quotes(std::string_view text) { return common::quote(text.substr(0, kQuoted)); }

/// The columns of a table, for finding the one that an option names.
struct Table {
    const Names &names;
    const common::NameIndex index;
    const std::vector<std::string> texts; ///< names, for nearest_name

    explicit Table(const Names &all) : names(all), index(all), texts(all.begin(), all.end()) {}
};

/// Completes a sentence about a name that no column has: "; did you mean "b"?" or a full stop.
std::string with_nearest(std::string sentence, std::string_view name, const Table &table) {
    if (const auto alike = table.index.find(name); alike && alike->difference)
        return sentence + ". The column " + in_quotes(table.names[alike->index]) + " differs from it only " +
               std::string(common::said(*alike->difference)) + ".";
    const std::string_view near = common::nearest_name(name, table.texts);
    return sentence + (near.empty() ? "." : "; did you mean " + in_quotes(near) + "?");
}

/// Marks the columns that the option lists. A column that is not there is only a warning.
std::vector<bool> marked(common::Options &options, std::string_view option, const Table &table,
                         std::vector<std::string> &warnings) {
    std::vector<bool> out(table.names.size());
    for (const std::string &name : options.texts(option)) {
        if (const auto column = table.index.same(name))
            out[*column] = true;
        else
            warnings.push_back(with_nearest("Option " + in_quotes(option) + " names the column " + in_quotes(name) +
                                                ", which the CSV does not have",
                                            name, table));
    }
    return out;
}

std::vector<Columns::Prelabel> read_prelabels(common::Options &options, const Table &table) {
    const std::vector<std::string> columns = options.texts("prelabel_columns");
    const std::vector<std::string> ids = options.texts("prelabel_schema_ids");
    if (columns.size() != ids.size())
        throw Failure("Option \"prelabel_columns\" has " + std::to_string(columns.size()) +
                      " entries and \"prelabel_schema_ids\" " + std::to_string(ids.size()) +
                      ". Both must have as many, because each column belongs to the schemaId in the same place.");
    std::vector<Columns::Prelabel> out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto column = table.index.same(columns[i]);
        if (!column)
            throw Failure(with_nearest("Option \"prelabel_columns\" names the column " + in_quotes(columns[i]) +
                                           ", which the CSV does not have",
                                       columns[i], table));
        const std::string_view id = common::without_blanks(ids[i]);
        if (id.empty())
            throw Failure("Option \"prelabel_schema_ids\" has no schemaId for the column " + in_quotes(columns[i]) +
                          ".");
        out.push_back({*column, std::string(id)});
    }
    return out;
}

/// " The column "A_x" begins with "A_", which differs from it only in upper and lower case."; empty if there is none.
std::string alike_begin(const std::string &start, const Names &names, const std::vector<std::size_t> &shown) {
    for (const std::size_t column : shown) {
        const std::size_t end = names[column].find('_');
        if (end == std::string_view::npos) continue;
        const std::string_view begin = names[column].substr(0, end + 1);
        if (const auto how = common::difference(start, begin))
            return " The column " + in_quotes(names[column]) + " begins with " + in_quotes(begin) +
                   ", which differs from it only " + std::string(common::said(*how)) + ".";
    }
    return {};
}

/// The columns that begin with this prefix and not with the other, longer one, in order. They must stand side by side.
std::vector<std::size_t> group(const std::string &prefix, const std::string &other, const Names &names,
                               const std::vector<std::size_t> &shown) {
    const std::string start = prefix + "_", longer = other + "_";
    std::vector<std::size_t> out;
    std::size_t last = 0; // place in shown
    for (std::size_t place = 0; place < shown.size(); ++place) {
        const std::string_view name = names[shown[place]];
        const bool is_of_other = longer.size() > start.size() && name.starts_with(longer);
        if (!name.starts_with(start) || is_of_other) continue;
        if (!out.empty() && place != last + 1)
            throw Failure("The columns that begin with " + in_quotes(start) + " must stand side by side, but " +
                          in_quotes(names[shown[last + 1]]) + " stands between " + in_quotes(names[shown[last]]) +
                          " and " + in_quotes(name) + ". Move it, or name it in option \"ignore_columns\".");
        out.push_back(shown[place]);
        last = place;
    }
    if (out.empty())
        throw Failure("Option \"paired_prefixes\" names " + in_quotes(prefix) +
                      ", but no column of the CSV begins with " + in_quotes(start) + "." +
                      alike_begin(start, names, shown));
    return out;
}

void read_pairs(common::Options &options, const Names &names, Columns &out) {
    const bool paired = options.flag("paired_columns", false);
    std::vector<std::string> prefixes = options.texts("paired_prefixes");
    for (std::string &prefix : prefixes) prefix = std::string(common::without_blanks(prefix));
    if (!paired) return;
    if (prefixes.size() != 2 || prefixes[0] == prefixes[1] || prefixes[0].empty() || prefixes[1].empty())
        throw Failure("Option \"paired_columns\" needs two different prefixes in option \"paired_prefixes\", such as "
                      "[\"before\", \"after\"].");
    std::vector<std::size_t> sides[2];
    for (const std::size_t i : {0, 1}) {
        out.prefixes[i] = prefixes[i];
        sides[i] = group(prefixes[i], prefixes[1 - i], names, out.shown);
    }
    const auto name = [&](std::size_t side, std::size_t i) {
        return names[sides[side][i]].substr(prefixes[side].size() + 1);
    };
    for (std::size_t i = 0; i < std::max(sides[0].size(), sides[1].size()); ++i) {
        for (const std::size_t side : {0, 1})
            if (i >= sides[side].size())
                throw Failure("Column " + in_quotes(names[sides[1 - side][i]]) + " of the CSV has no counterpart " +
                              in_quotes(prefixes[side] + "_" + std::string(name(1 - side, i))) + ".");
        if (common::look_of(name(0, i)) != common::look_of(name(1, i))) {
            const auto how = common::difference(name(0, i), name(1, i));
            throw Failure("The columns of both prefixes must be the same in the same order, but column " +
                          in_quotes(names[sides[0][i]]) + " of the CSV stands against " +
                          in_quotes(names[sides[1][i]]) + "." +
                          (how ? " Their names differ only " + std::string(common::said(*how)) + "." : ""));
        }
        out.pairs.push_back({name(0, i), sides[0][i], sides[1][i]});
    }
    std::erase_if(out.shown, [&](std::size_t column) {
        return std::any_of(out.pairs.begin(), out.pairs.end(),
                           [&](const Columns::Pair &pair) { return column == pair.first || column == pair.second; });
    });
}

} // namespace

Columns read_columns(common::Options &options, const Names &names) {
    Columns out;
    const Table table(names);
    const std::vector<bool> ignored = marked(options, "ignore_columns", table, out.warnings);
    out.iframe = marked(options, "iframe_columns", table, out.warnings);
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!ignored[i]) out.shown.push_back(i);
    if (out.shown.empty())
        throw Failure("Option \"ignore_columns\" names every column of the CSV, so there is nothing to show.");
    out.prelabels = read_prelabels(options, table);
    read_pairs(options, names, out);
    return out;
}

} // namespace ango::markdown_agnostic
