// The word that somebody may have meant, and the sentence about a word that does not exist.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// The known word that differs least from the given one: by a few letters that are wrong, missing, too many or swapped, or
/// because the given word is its beginning. Nothing if none is near.
std::optional<std::string> nearest(std::string_view given, const std::vector<std::string> &known);

/// For example: there is no state "runing"; did you mean "running"? If no word is near, the sentence lists all of them.
std::string no_such(std::string_view sort, std::string_view given, const std::vector<std::string> &known);

} // namespace angod
