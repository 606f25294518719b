// A text with |column| in it, in whose place the cells of a row are put.
#pragma once

#include "common/names.hpp"
#include "markdown/places.hpp"

#include <ango/module.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::markdown {

/// The text is taken apart once. Each row is then one pass, and placeholders inside of cells stay as they are.
class RowTemplate {
public:
    /// Both must outlive this. A column is found by a name that is equal, or looks the same and has no blanks at its
    /// ends. Throws ango::Failure if a cell would become a tag, an attribute or a script; see find_places.
    RowTemplate(std::string_view text, const std::vector<std::string_view> &columns);

    /// Appends the text with the cells of the row. Returns the first column whose cell cannot stand at its place; nothing
    /// if there is none.
    std::optional<std::size_t> write(const Row &row, std::string &out) const;

    /// A text that looks like a placeholder but names no column. It stays in the text.
    struct Unknown {
        std::string_view name;
        std::optional<common::NameIndex::Found> meant; ///< the column whose name differs from it only a little
    };
    /// Each once, in order, at most 20.
    const std::vector<Unknown> &unknown() const { return unknown_; }

private:
    struct Piece {
        std::string text; ///< before the cell
        Placeholder cell;
    };
    std::vector<Placeholder> find_placeholders(std::string_view text, const std::vector<std::string_view> &columns);
    void note_unknown(std::string_view name);
    void drop_table_cells(const std::vector<Placeholder> &placeholders);

    common::NameIndex index_;
    std::vector<Piece> pieces_;
    std::string rest_;
    std::vector<Unknown> unknown_;
};

} // namespace ango::markdown
