// UTF-8 and JSON text: what every writer of names, titles and answers needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ango::convert {

/// Length in bytes (1 to 4) of the valid UTF-8 character at text[at]; 0 if the bytes there are none.
/// Overlong forms, surrogates and values above U+10FFFF are not valid.
std::size_t utf8_length(std::string_view text, std::size_t at);

/// Appends text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the file
/// stays readable whatever the export held.
void append_json_string(std::string &out, std::string_view text);

/// text with ASCII letters and the common accented Latin, Greek and Cyrillic letters in lower case: what
/// case-insensitive file systems take for the same name.
void append_case_folded(std::string &out, std::string_view text);

/// ASCII only; for option-like words and file extensions.
std::string ascii_lower(std::string_view text);

/// A 64-bit hash that is the same on every machine and in every run (FNV-1a with a final mix).
std::uint64_t stable_hash(std::string_view bytes);

} // namespace ango::convert
