// The limits of characters, and texts cut to a length.
#pragma once

#include <cstddef>
#include <string_view>

namespace angod {

/// The longest beginning of text that has at most so many bytes and does not end inside of a UTF-8 character. Redact the text
/// before: half of a secret would not be found.
constexpr std::string_view beginning_of(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
    return text.substr(0, most);
}

/// Length in bytes (1 to 4) of the valid UTF-8 character at text[at]. 0 for invalid bytes: a sequence that is cut or overlong, half
/// of a surrogate pair, or a value beyond U+10FFFF.
constexpr std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                                                           : 0;
    if (size == 0 || at + size > text.size()) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return 0;
    if (size < 3) return size;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const bool bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return bad ? 0 : size;
}

constexpr bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_length(text, at);
        if (size == 0) return false;
        at += size;
    }
    return true;
}

} // namespace angod
