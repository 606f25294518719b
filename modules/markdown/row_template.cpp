#include "markdown/row_template.hpp"

#include <algorithm>
#include <unordered_map>

namespace ango::markdown {

namespace {

constexpr std::size_t kMaxUnknown = 20;
constexpr std::size_t kLongestName = 64; // bytes; a longer text between two bars is no name

/// Markdown tables have bars too: "| a |", "|---|:-:|".
bool looks_like_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name.front() != ' ' && name.back() != ' ' &&
           name.find_first_of("\r\n<>") == std::string_view::npos &&
           name.find_first_not_of("-: ") != std::string_view::npos;
}

} // namespace

RowTemplate::RowTemplate(std::string_view text, const std::vector<std::string_view> &columns) : rest_(text) {
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
        return std::nullopt;
    };
    std::size_t from = 0; // start of the text of the next piece
    for (std::size_t bar = text.find('|'); bar != std::string_view::npos;) {
        std::size_t end = 0;
        if (const auto column = column_at(bar, end)) {
            pieces_.push_back({text.substr(from, bar - from), *column});
            from = end + 1;
            bar = text.find('|', from);
            continue;
        }
        const std::size_t next = text.find('|', bar + 1);
        if (next != std::string_view::npos) note_unknown(text.substr(bar + 1, next - bar - 1));
        bar = next;
    }
    rest_ = text.substr(from);
}

void RowTemplate::note_unknown(std::string_view name) {
    if (unknown_.size() == kMaxUnknown || !looks_like_name(name)) return;
    if (std::find(unknown_.begin(), unknown_.end(), name) == unknown_.end()) unknown_.push_back(name);
}

void RowTemplate::write(const Row &row, std::string &out) const {
    for (const Piece &piece : pieces_) {
        out += piece.text;
        out += row[piece.column];
    }
    out += rest_;
}

} // namespace ango::markdown
