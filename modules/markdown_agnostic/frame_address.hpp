// The address of the page that a cell wants to show in a frame.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ango::markdown_agnostic {

/// The address is the cell itself, or the first src attribute of the first complete <iframe …> tag in it. Blanks around
/// it do not count, and character references in the attribute are replaced once. Nothing, unless it is a web address
/// (common/web_address.hpp). Source of the rules for tags: the tokenization chapter of the HTML standard.
std::optional<std::string> frame_address(std::string_view cell);

} // namespace ango::markdown_agnostic
