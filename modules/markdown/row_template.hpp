// A text with |column| in it, for which each row's cells are put in.
#pragma once

#include <ango/module.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace markdown {

/// Taken apart once; each row is then one pass, in which what a cell holds is not looked at again.
class RowTemplate {
public:
    /// text must outlive this. A column is found by its exact name.
    RowTemplate(std::string_view text, const std::vector<std::string_view> &columns);

    void write(const ango::Row &row, std::string &out) const;

    /// What looks like a placeholder and is no column, each once, in order, at most 20. It stays in the text.
    const std::vector<std::string_view> &unknown() const { return unknown_; }

private:
    struct Piece {
        std::string_view text; ///< comes first
        std::size_t column;    ///< then its cell
    };
    void note_unknown(std::string_view name);

    std::vector<Piece> pieces_;
    std::string_view rest_;
    std::vector<std::string_view> unknown_;
};

} // namespace markdown
