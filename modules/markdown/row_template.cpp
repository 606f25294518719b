#include "markdown/row_template.hpp"

#include "markdown/cell_text.hpp"

#include <algorithm>
#include <unordered_map>

namespace ango::markdown {

namespace {

constexpr std::size_t kMaxUnknown = 20;
constexpr std::size_t kLongestName = 64; // bytes; a longer text between two bars is no name

bool has_blank_end(std::string_view name) { return name.empty() || name.front() == ' ' || name.back() == ' '; }

/// Markdown tables have bars too: "|---|:-:|", and "| a |", which is a name only if a column is called so.
bool looks_like_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name.find_first_of("\r\n<>") == std::string_view::npos &&
           name.find_first_not_of("-: ") != std::string_view::npos;
}

} // namespace

RowTemplate::RowTemplate(std::string_view text, const std::vector<std::string_view> &columns) : index_(columns) {
    const Places places = find_places(text, find_placeholders(text, columns), columns);
    drop_table_cells(places.placeholders);
    auto escaped = places.escaped.begin();
    std::size_t from = 0; // start of the text of the next piece
    const auto take = [&](std::size_t end) {
        std::string out;
        for (; escaped != places.escaped.end() && *escaped < end; ++escaped) {
            out += text.substr(from, *escaped - from);
            out += text[*escaped] == '<' ? "&lt;" : "&amp;";
            from = *escaped + 1;
        }
        out += text.substr(from, end - from);
        return out;
    };
    for (const Placeholder &each : places.placeholders) {
        pieces_.push_back({take(each.begin), each});
        from = each.end;
    }
    rest_ = take(text.size());
}

std::vector<Placeholder> RowTemplate::find_placeholders(std::string_view text,
                                                        const std::vector<std::string_view> &columns) {
    std::unordered_map<std::string_view, std::size_t> by_name;
    std::ptrdiff_t most_bars = 0; // bars inside of a name
    for (std::size_t i = 0; i < columns.size(); ++i) {
        by_name.emplace(columns[i], i);
        most_bars = std::max(most_bars, std::count(columns[i].begin(), columns[i].end(), '|'));
    }
    const auto column_at = [&](std::size_t bar, std::size_t &end) -> std::optional<std::size_t> {
        end = bar;
        for (std::ptrdiff_t bars = 0; bars <= most_bars; ++bars) {
            end = text.find('|', end + 1);
            if (end == std::string_view::npos) return std::nullopt;
            if (const auto at = by_name.find(text.substr(bar + 1, end - bar - 1)); at != by_name.end())
                return at->second;
        }
        end = text.find('|', bar + 1);
        const std::string_view name = text.substr(bar + 1, end - bar - 1);
        return looks_like_name(name) && !has_blank_end(name) ? index_.same(name) : std::nullopt;
    };
    std::vector<Placeholder> out;
    for (std::size_t bar = text.find('|'); bar != std::string_view::npos;) {
        std::size_t end = 0;
        if (const auto column = column_at(bar, end)) {
            out.push_back({bar, end + 1, *column});
            bar = text.find('|', end + 1);
            continue;
        }
        const std::size_t next = text.find('|', bar + 1);
        if (next != std::string_view::npos) note_unknown(text.substr(bar + 1, next - bar - 1));
        bar = next;
    }
    return out;
}

void RowTemplate::note_unknown(std::string_view name) {
    if (unknown_.size() == kMaxUnknown || !looks_like_name(name)) return;
    const auto meant = index_.find(name);
    const bool known_but_for_blanks = meant && meant->difference == common::Difference::invisible;
    if (has_blank_end(name) && !known_but_for_blanks) return;
    const auto same = [&](const Unknown &each) { return each.name == name; };
    if (std::none_of(unknown_.begin(), unknown_.end(), same)) unknown_.push_back({name, meant});
}

/// "| name |" is a cell of a Markdown table, and not a placeholder with blanks in it, if the text has |name| as well.
void RowTemplate::drop_table_cells(const std::vector<Placeholder> &placeholders) {
    std::erase_if(unknown_, [&](const Unknown &each) {
        return has_blank_end(each.name) &&
               std::any_of(placeholders.begin(), placeholders.end(),
                           [&](const Placeholder &one) { return one.column == each.meant->index; });
    });
}

std::optional<std::size_t> RowTemplate::write(const Row &row, std::string &out) const {
    std::optional<std::size_t> unfit;
    bool behind_cell = false; // the last byte of out is one of a cell
    const auto append = [&](std::string_view text) {
        // A cell must not make a link of the parenthesis or the colon behind it.
        if (behind_cell && out.back() == ']' && (text.starts_with('(') || text.starts_with(':')))
            out.replace(out.size() - 1, 1, "&#93;");
        behind_cell = behind_cell && text.empty();
        out += text;
    };
    for (const Piece &piece : pieces_) {
        append(piece.text);
        const std::size_t size = out.size();
        if (!append_cell(out, row[piece.cell.column], piece.cell) && !unfit) unfit = piece.cell.column;
        behind_cell = behind_cell || out.size() > size;
    }
    append(rest_);
    return unfit;
}

} // namespace ango::markdown
