// A text with |column| in it, in whose place the cells of a row are put.
#pragma once

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
    /// text must outlive this. A column is found by its exact name.
    RowTemplate(std::string_view text, const std::vector<std::string_view> &columns);

    void write(const Row &row, std::string &out) const;

    /// Texts that look like placeholders but name no column: each once, in order, at most 20. They stay in the text.
    const std::vector<std::string_view> &unknown() const { return unknown_; }

private:
    struct Piece {
        std::string_view text; ///< before the cell
        std::size_t column;    ///< of the cell
    };
    void note_unknown(std::string_view name);

    std::vector<Piece> pieces_;
    std::string_view rest_;
    std::vector<std::string_view> unknown_;
};

} // namespace ango::markdown
