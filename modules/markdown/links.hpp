// The Markdown link that a placeholder of the user's text is a part of.
#pragma once

#include "markdown/places.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ango::markdown {

/// Bytes of an address that are looked at around a placeholder, so that the work stays linear. No scheme is as long.
constexpr std::size_t kLongestAddress = 4096;

/// Stands for a placeholder in what shown returns.
constexpr char kHole = '\x01';

/// The text from begin to end, with kHole for each placeholder: the signs in the name of a column mean nothing.
std::string shown(std::string_view text, const std::vector<Placeholder> &placeholders, std::size_t begin,
                  std::size_t end);

struct Link {
    char sign = '\0';        ///< '(' of "](", ':' of "]:" that defines a link on a line of its own; none: no link
    std::size_t address = 0; ///< where its address begins, behind blanks
};

/// The link in whose address a placeholder stands, as far as the text in front of it tells.
Link find_link(std::string_view text, const std::vector<Placeholder> &placeholders, std::size_t index);

} // namespace ango::markdown
