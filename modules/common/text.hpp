// UTF-8, JSON strings, lower case, counts in sentences and a stable hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ango::common {

/// The length in bytes (1 to 4) of the valid UTF-8 character at text[at]; 0 if there is none. Overlong forms,
/// surrogates and values above U+10FFFF are not valid.
std::size_t utf8_length(std::string_view text, std::size_t at);

/// Appends text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the file is valid
/// whatever the export held.
void append_json_string(std::string &out, std::string_view text);

/// Appends text with ASCII letters and the common accented Latin, Greek and Cyrillic letters in lower case.
/// Case-insensitive file systems take two names with the same result as one.
void append_case_folded(std::string &out, std::string_view text);

/// text with ASCII letters in lower case.
std::string ascii_lower(std::string_view text);

/// "1 asset was" or "3 assets were": the count and the form of the words that goes with it.
std::string plural(std::uint64_t count, std::string_view one, std::string_view many);

/// text as it stands in a message: a JSON string with its quotes, in which append_visible has made visible what cannot be
/// seen.
std::string quote(std::string_view text);

/// A 64-bit hash that is the same on every machine and in every run: FNV-1a, mixed at the end.
std::uint64_t stable_hash(std::string_view bytes);

} // namespace ango::common
