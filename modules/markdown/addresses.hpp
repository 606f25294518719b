// Addresses in links and attributes: those that open a page or show an image, and never run a script.
#pragma once

#include <cstddef>
#include <string_view>

namespace ango::markdown {

/// Where the first sign stands that decides the kind of an address: ':', '/', '?' or '#', or the '&' of a character
/// reference to a colon. npos if there is none.
std::size_t deciding_sign(std::string_view address);

/// Whether an address begins with a scheme that runs no script: http, https, mailto, tel, or data with an image of
/// pixels in base64. The address holds a colon.
bool is_safe_scheme(std::string_view address);

/// Whether this, from the start of an address, makes it one that runs no script: a safe scheme, or none.
bool is_safe_start(std::string_view address);

/// The same for the destination of a link in Markdown, that begins at text and ends somewhere in it. False if the end of
/// text comes before the kind of address is known, or if its kind depends on an escape.
bool is_safe_destination(std::string_view text);

} // namespace ango::markdown
