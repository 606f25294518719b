// Text as HTML in one line, so that a Markdown reader takes the whole as one block, whatever a cell holds.
#pragma once

#include <string>
#include <string_view>

namespace ango::markdown_agnostic {

/// Appends text with & < > " ' escaped and <br> for each line end.
void append_html(std::string &out, std::string_view text);

/// Appends a cell of an iframe column. If frame_address finds an address in it, the cell becomes a frame of that page,
/// which is an element of our own: nothing else of the cell is used. Otherwise it is text, and the result is false.
bool append_iframe(std::string &out, std::string_view cell);

} // namespace ango::markdown_agnostic
