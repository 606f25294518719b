// The text of an asset: all cells of a row, each below its name, in two columns, or compared in pairs.
#pragma once

#include "markdown_agnostic/columns.hpp"

#include <ango/module.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::markdown_agnostic {

struct PageStyle {
    std::uint64_t title_spacing = 15; ///< px below a title
    bool two_columns = false;
    double ratio = 0.5; ///< width of the first column, 0 to 1
};

/// The parts that are the same for every row are made once, in the constructor.
class Page {
public:
    Page(const Columns &columns, const PageStyle &style, const std::vector<std::string_view> &names);

    /// Appends the page of a row. Returns the first column of frames whose cell is text instead, although something can
    /// be seen in it; nothing if there is none.
    std::optional<std::size_t> write(const Row &row, std::string &out) const;

private:
    struct Piece {
        std::string html; ///< before the cell
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
    std::string title_; ///< the opening tag of a title
    std::string text_;  ///< behind the last cell so far
    std::vector<Piece> pieces_;
};

} // namespace ango::markdown_agnostic
