// Text as HTML in one line, so that a Markdown reader takes the whole as one block, whatever a cell holds.
#pragma once

#include <string>
#include <string_view>

namespace ango::markdown_agnostic {

/// Appends text with & < > " ' escaped and <br> for each line end.
void append_html(std::string &out, std::string_view text);

/// Appends a cell of an iframe column. An <iframe> stays, with blanks in place of its line ends; the address of a page
/// (http, https) is put into one; anything else is text.
void append_iframe(std::string &out, std::string_view cell);

} // namespace ango::markdown_agnostic
