// Text of others, made fit for terminals, logs and sentences. Pure.
#pragma once

#include <string>
#include <string_view>

namespace angod {

/// The text as one line of valid UTF-8 that cannot control a terminal: control characters (also those of U+0080 to U+009F), line
/// and paragraph separators and marks that turn the direction of writing become blanks, and invalid bytes become U+FFFD.
std::string printable(std::string_view text);

} // namespace angod
