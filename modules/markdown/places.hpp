// The places of a user's text at which cells are put, and so the forms in which a cell can do no harm there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ango::markdown {

enum class Place {
    text,       ///< Markdown, or text of an HTML element
    attribute,  ///< inside of the quotes of an attribute
    style,      ///< the same, of the attribute style
    address,    ///< the same, where the cell decides what kind of address it is
    scheme,     ///< the same, in front of the colon of an address
    link,       ///< the destination of a Markdown link behind its beginning
    link_start, ///< the whole or the beginning of the destination of a Markdown link
    nowhere,    ///< a comment, which nobody sees
};

/// |column| in the text, with its bars, and with angle brackets around it that are not needed.
struct Placeholder {
    std::size_t begin = 0, end = 0;
    std::size_t column = 0;
    Place place = Place::text;
    bool in_table = false; ///< in a row of a Markdown table
    bool quote = false;    ///< the value of an attribute stands without quotes and needs them
    bool defines = false;  ///< the first in the address of "[name]: address"; Place::text or attribute
    bool ends = false;     ///< no sign behind it can make a scheme of the cell; known if defines is set
    bool alone = false;    ///< with no sign of a link's address in front, and a blank behind
};

struct Places {
    std::vector<Placeholder> placeholders; ///< in order
    /// Signs '<' and '&' of the text that must be written as "&lt;" and "&amp;", because they would become a tag or
    /// another sign with the cell behind them; in order.
    std::vector<std::size_t> escaped;
};

/// Finds the place of each placeholder. Throws ango::Failure, with a sentence for the user that names the column, if a
/// cell would become a tag, an attribute or a script. columns: all names of the table.
Places find_places(std::string_view text, std::vector<Placeholder> placeholders,
                   const std::vector<std::string_view> &columns);

} // namespace ango::markdown
