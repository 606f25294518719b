// The pages of markdown generators, for any cells: an independent reader of HTML finds the tags and attributes of the
// generator and no others, and no address that runs a script.
#include "html_structure.hpp"

#include "markdown/row_template.hpp"
#include "markdown_agnostic/html.hpp"

#include <ango/module.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kText =
    "# |a||b|\n[|a|](|b|) ![x](<|c|>)|a|(|b|)\n\n[|a|]: |b|\n\n<div class=\"|a|\">|b|</div> <a href='|a||b|' "
    "title=|c|>|c|</a>"
    "<p style='width:|a|'>|b|</p><img src=|a|><!-- |b| --> <|c| <|a|>\n\n| x | y |\n|---|---|\n| |a| | |b||\n\n|c|\n\n"
    "[x]:|a||b|\n\n> <img alt=\"|a|\"\n> title=\"|b|\"> <a href='|a|&|b|'>";

std::string page(const std::vector<std::string_view> &cells) {
    static const std::vector<std::string_view> columns{"a", "b", "c"};
    static const ango::markdown::RowTemplate text(kText, columns);
    const ango::Table table{columns, kText};
    std::vector<ango_str> row;
    for (const std::string_view cell : cells) row.push_back({cell.data(), cell.size()});
    std::string out;
    text.write(ango::Row{table, 0, row.data()}, out);
    return out;
}

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_text(const std::vector<std::string_view> &cells) {
    static const std::string plain = html::structure(html::read(page({"x", "y", "z"})));
    const html::Page made = html::read(page(cells));
    expect(html::structure(made) == plain);
    for (const html::Tag &tag : made.tags)
        for (const auto &[name, value] : tag.attributes)
            expect((name != "href" && name != "src") || !html::is_active_address(value));
}

void check_frame(std::string_view cell) {
    std::string out;
    const bool framed = ango::markdown_agnostic::append_iframe(out, cell);
    expect(out.find_first_of("\r\n") == std::string::npos);
    const html::Page made = html::read(out);
    expect(html::structure(made) == (framed ? "iframe[src,sandbox,style] /iframe" : ""));
    if (!framed) return;
    const std::string address = html::lower(made.tags[0].attributes[0].second);
    expect(address.starts_with("http://") || address.starts_with("https://"));
    expect(made.tags[0].attributes[1].second == "allow-scripts");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char *>(data), size);
    // The host gives cells without zero bytes, so these part the cells here.
    std::vector<std::string_view> cells;
    std::string_view left = all;
    for (int i = 0; i < 3; ++i) {
        const std::size_t end = std::min(left.find('\0'), left.size());
        cells.push_back(left.substr(0, end));
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    check_text(cells);
    check_frame(cells[0]);
    return 0;
}
