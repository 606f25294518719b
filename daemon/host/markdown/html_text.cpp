#include "host/markdown/html_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace angod::host {

namespace {

constexpr std::size_t kLongest = 12; // "&#x0010FFFF;"

void append_utf8(std::string &out, std::uint32_t c) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (c < 0x80) return byte(c);
    if (c < 0x800) {
        byte(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            byte(0xe0 | c >> 12);
        } else {
            byte(0xf0 | c >> 18);
            byte(0x80 | (c >> 12 & 0x3f));
        }
        byte(0x80 | (c >> 6 & 0x3f));
    }
    byte(0x80 | (c & 0x3f));
}

/// The character of a reference, which is the text between '&' and ';'. Control characters, and numbers that HTML reads
/// differently, give none.
std::optional<std::uint32_t> character(std::string_view name) {
    struct Named {
        std::string_view name;
        std::uint32_t character;
    };
    constexpr std::array<Named, 6> kNamed{
        {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xa0}}};
    for (const Named &each : kNamed)
        if (each.name == name) return each.character;
    if (!name.starts_with('#')) return std::nullopt;
    const bool hexadecimal = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    std::uint32_t c = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), c, hexadecimal ? 16 : 10);
    if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    const bool is_character = c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c < 0x7f) ||
                              (c >= 0xa0 && c < 0xd800) || (c >= 0xe000 && c <= 0x10ffff);
    return is_character ? std::optional(c) : std::nullopt;
}

} // namespace

std::string html_unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t reference = std::min(text.find('&', at), text.size());
        out += text.substr(at, reference - at);
        if (reference == text.size()) break;
        const std::string_view rest = text.substr(reference + 1, kLongest);
        const std::size_t end = rest.find(';');
        const auto c = end == std::string_view::npos ? std::nullopt : character(rest.substr(0, end));
        if (c)
            append_utf8(out, *c);
        else
            out += '&';
        at = reference + 1 + (c ? end + 1 : 0);
    }
    return out;
}

} // namespace angod::host
