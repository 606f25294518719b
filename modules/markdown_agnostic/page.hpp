// The text of an asset: all cells of a row, each below its name, side by side in two columns, or compared in pairs.
#pragma once

#include "columns.hpp"

#include <ango/module.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace markdown_agnostic {

struct PageStyle {
    std::uint64_t title_spacing = 15; ///< px below a name
    bool two_columns = false;
    double ratio = 0.5; ///< share of the first, 0 to 1
};

/// What is the same for every row is written once, here.
class Page {
public:
    Page(const Columns &columns, const PageStyle &style, const std::vector<std::string_view> &names);

    void write(const ango::Row &row, std::string &out) const;

private:
    struct Piece {
        std::string html; ///< comes first
        std::size_t column;
        bool iframe;
    };
    void add_cell(std::size_t column);
    void add_sections(const std::vector<std::size_t> &shown, const std::vector<std::string_view> &names);
    void add_two_columns(const std::vector<std::size_t> &shown, const std::vector<std::string_view> &names,
                         double ratio);
    void add_section(std::size_t column, std::string_view name);
    void add_pairs(const Columns &columns);

    const std::vector<bool> iframe_;
    std::string title_; ///< the start of a name's tag
    std::string text_;  ///< since the last piece
    std::vector<Piece> pieces_;
};

} // namespace markdown_agnostic
