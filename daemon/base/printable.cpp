#include "base/printable.hpp"

#include "base/utf8.hpp"

#include <algorithm>

namespace angod {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool plain(char c) { return static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) < 0x7f; }

/// character: one valid UTF-8 character of several bytes.
bool controls(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
    if (character.size() != 3 || byte(0) != 0xe2) return character == "\xef\xbb\xbf"; // a byte order mark
    // U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069
    if (byte(1) == 0x80) return byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xa8 && byte(2) <= 0xae);
    return byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
}

} // namespace

std::string printable(std::string_view text) {
    if (std::all_of(text.begin(), text.end(), plain)) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_length(text, at);
        const std::string_view character = text.substr(at, std::max<std::size_t>(size, 1));
        if (size == 0)
            out += kReplacement;
        else if (size == 1 ? !plain(character[0]) : controls(character))
            out += ' ';
        else
            out += character;
        at += character.size();
    }
    return out;
}

} // namespace angod
