// Text as HTML of one line: a Markdown reader takes what it is put into for one block, whatever a cell holds.
#pragma once

#include <string>
#include <string_view>

namespace markdown_agnostic {

/// Appends text with & < > " ' escaped and <br> for each line end.
void append_html(std::string &out, std::string_view text);

/// Appends a cell that is an <iframe>, with blanks for its line ends, or the address of a page (http, https), which gets
/// one. Anything else is text.
void append_iframe(std::string &out, std::string_view cell);

} // namespace markdown_agnostic
