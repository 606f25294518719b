// A cell as it is written at a place of the user's text. Cells are data that somebody else wrote: nothing of them becomes
// a tag, an attribute or a script.
#pragma once

#include "markdown/places.hpp"

#include <string>
#include <string_view>

namespace ango::markdown {

/// Appends the cell in the form that its place needs (modules/markdown/README.md has the table). out: all that stands in
/// front of it. False if the cell cannot stand there, such as an address that runs a script; then "about:blank", or
/// nothing, is written in its place.
bool append_cell(std::string &out, std::string_view cell, const Placeholder &where);

} // namespace ango::markdown
