// Percent-encoding as in RFC 3986, for all of angod. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angod {

/// Everything but the unreserved characters (letters, digits, "-._~") as %XX.
std::string percent_encode(std::string_view text);
/// The same, but slashes stay: for a path of several parts.
std::string percent_encode_path(std::string_view path);

/// Nothing if a '%' begins no %XX.
std::optional<std::string> percent_decode(std::string_view text);
/// A '%' that begins no %XX stays as it is.
std::string percent_decode_leniently(std::string_view text);
/// As forms and queries encode: the same, and '+' is a blank.
std::string form_decode(std::string_view text);

} // namespace angod
