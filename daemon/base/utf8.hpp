// Texts cut to a length.
#pragma once

#include <cstddef>
#include <string_view>

namespace angod {

/// The longest beginning of text that has at most so many bytes and does not end inside of a UTF-8 character. What is
/// to be hidden in it must be hidden before: half a secret is not found any more.
constexpr std::string_view beginning_of(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
    return text.substr(0, most);
}

} // namespace angod
