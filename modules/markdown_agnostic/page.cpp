#include "markdown_agnostic/page.hpp"

#include "common/names.hpp"
#include "common/numbers.hpp"
#include "markdown_agnostic/html.hpp"

namespace ango::markdown_agnostic {

namespace {

std::string percent(double share) {
    std::string out;
    common::append_rounded(out, share * 100, 2);
    return out + "%";
}

} // namespace

// Attributes have single quotes and there are no line ends: old descriptions of Hub ask for both.
Page::Page(const Columns &columns, const PageStyle &style, const std::vector<std::string_view> &names)
    : iframe_(columns.iframe), title_("<h1 style='margin:0 0 " + std::to_string(style.title_spacing) + "px 0'>") {
    if (style.two_columns && !columns.shown.empty())
        add_two_columns(columns.shown, names, style.ratio);
    else
        add_sections(columns.shown, names);
    if (!columns.pairs.empty()) add_pairs(columns);
}

void Page::add_cell(std::size_t column) {
    pieces_.push_back({std::move(text_), column, iframe_[column]});
    text_.clear();
}

void Page::add_section(std::size_t column, std::string_view name) {
    text_ += title_;
    append_html(text_, name);
    text_ += "</h1><div>";
    add_cell(column);
    text_ += "</div>";
}

void Page::add_sections(const std::vector<std::size_t> &shown, const std::vector<std::string_view> &names) {
    for (const std::size_t column : shown) {
        text_ += "<section style='margin:0 0 1em 0'>";
        add_section(column, names[column]);
        text_ += "</section>";
    }
}

void Page::add_two_columns(const std::vector<std::size_t> &shown, const std::vector<std::string_view> &names,
                           double ratio) {
    text_ += "<table style='width:100%;table-layout:fixed'><colgroup><col style='width:" + percent(ratio) +
             "'><col style='width:" + percent(1 - ratio) + "'></colgroup>";
    for (std::size_t i = 0; i < shown.size(); i += 2) {
        text_ += "<tr>";
        for (std::size_t j = i; j < i + 2; ++j) {
            text_ += "<td style='vertical-align:top'>";
            if (j < shown.size()) add_section(shown[j], names[shown[j]]);
            text_ += "</td>";
        }
        text_ += "</tr>";
    }
    text_ += "</table>";
}

void Page::add_pairs(const Columns &columns) {
    text_ += "<table style='width:100%'><tr><th></th>";
    for (const std::string &prefix : columns.prefixes) {
        text_ += "<th>";
        append_html(text_, prefix);
        text_ += "</th>";
    }
    text_ += "</tr>";
    for (const Columns::Pair &pair : columns.pairs) {
        text_ += "<tr><th>";
        append_html(text_, pair.name);
        text_ += "</th>";
        for (const std::size_t column : {pair.first, pair.second}) {
            text_ += "<td style='vertical-align:top'>";
            add_cell(column);
            text_ += "</td>";
        }
        text_ += "</tr>";
    }
    text_ += "</table>";
}

std::optional<std::size_t> Page::write(const Row &row, std::string &out) const {
    std::optional<std::size_t> no_frame;
    for (const Piece &piece : pieces_) {
        const std::string_view cell = row[piece.column];
        out += piece.html;
        if (!piece.iframe)
            append_html(out, cell);
        else if (!append_iframe(out, cell) && !no_frame && !common::is_blank(cell))
            no_frame = piece.column;
    }
    out += text_;
    return no_frame;
}

} // namespace ango::markdown_agnostic
