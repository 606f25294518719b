#include "common/text.hpp"

#include "common/names.hpp"

#include <array>

namespace ango::common {

namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// Bytes that need no escape in a JSON string: ASCII without controls, quote and backslash.
constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (unsigned c = 0x20; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}();

void append_escaped(std::string &out, unsigned char c) {
    static constexpr char kHex[] = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default:
            out += "\\u00";
            out += kHex[c >> 4];
            out += kHex[c & 15];
    }
}

/// Simple lower case of one code point, for the ranges in which upper and lower case lie a fixed distance apart or
/// alternate.
std::uint32_t fold(std::uint32_t c) {
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c < 0xC0) return c;
    if (c <= 0xDE) return c == 0xD7 ? c : c + 32;
    if (c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) return c | 1u;
    if (c >= 0x139 && c <= 0x148) return (c & 1u) ? c + 1 : c;
    if (c >= 0x14A && c <= 0x177) return c | 1u;
    if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    return c;
}

} // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
    const std::size_t left = text.size() - at;
    const unsigned char a = byte_at(text, at);
    const auto follows = [&](std::size_t i) { return (byte_at(text, at + i) & 0xC0u) == 0x80u; };
    if (a < 0x80) return 1;
    if (a < 0xC2) return 0;
    if (a < 0xE0) return left >= 2 && follows(1) ? 2 : 0;
    if (a < 0xF0) {
        if (left < 3 || !follows(1) || !follows(2)) return 0;
        const unsigned char b = byte_at(text, at + 1);
        return (a == 0xE0 && b < 0xA0) || (a == 0xED && b >= 0xA0) ? 0 : 3;
    }
    if (a > 0xF4 || left < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
    const unsigned char b = byte_at(text, at + 1);
    return (a == 0xF0 && b < 0x90) || (a == 0xF4 && b >= 0x90) ? 0 : 4;
}

void append_json_string(std::string &out, std::string_view text) {
    out += '"';
    std::size_t i = 0;
    while (i < text.size()) {
        std::size_t end = i;
        while (end < text.size() && kPlain[byte_at(text, end)]) ++end;
        out.append(text.data() + i, end - i);
        i = end;
        if (i == text.size()) break;
        const unsigned char c = byte_at(text, i);
        if (c < 0x80) {
            append_escaped(out, c);
            ++i;
        } else if (const std::size_t length = utf8_length(text, i)) {
            out.append(text.data() + i, length);
            i += length;
        } else {
            out += "\xEF\xBF\xBD";
            ++i;
        }
    }
    out += '"';
}

void append_case_folded(std::string &out, std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        if (length == 2) { // all letters that fold() changes, ASCII aside, have two bytes before and after
            const std::uint32_t c = fold(((byte_at(text, i) & 0x1Fu) << 6) | (byte_at(text, i + 1) & 0x3Fu));
            out += static_cast<char>(0xC0u | (c >> 6));
            out += static_cast<char>(0x80u | (c & 0x3Fu));
            i += 2;
        } else if (length <= 1) {
            out += static_cast<char>(length == 1 ? fold(byte_at(text, i)) : byte_at(text, i));
            ++i;
        } else {
            out.append(text.data() + i, length);
            i += length;
        }
    }
}

std::string ascii_lower(std::string_view text) {
    std::string lower(text);
    for (char &c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return lower;
}

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string quote(std::string_view text) {
    std::string visible, out;
    append_visible(visible, text);
    append_json_string(out, visible);
    return out;
}

std::uint64_t stable_hash(std::string_view bytes) {
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    // The high bits of FNV are poor for short texts, and hash tables use them.
    hash ^= hash >> 33;
    hash *= 0xFF51AFD7ED558CCDu;
    hash ^= hash >> 33;
    hash *= 0xC4CEB9FE1A85EC53u;
    return hash ^ (hash >> 33);
}

} // namespace ango::common
