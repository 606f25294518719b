// The code page in which spreadsheets on Windows save text for Western languages. Source: the mapping table CP1252 of the
// Unicode Consortium.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace angod::host {

/// The letter of a byte from 0x80 on as UTF-8; empty if it stands for none.
inline std::string windows_1252_letter(unsigned char byte) {
    constexpr std::array<std::string_view, 32> kFrom80{
        "\u20ac", "",       "\u201a", "\u0192", "\u201e", "\u2026", "\u2020", "\u2021", "\u02c6", "\u2030", "\u0160",
        "\u2039", "\u0152", "",       "\u017d", "",       "",       "\u2018", "\u2019", "\u201c", "\u201d", "\u2022",
        "\u2013", "\u2014", "\u02dc", "\u2122", "\u0161", "\u203a", "\u0153", "",       "\u017e", "\u0178"};
    if (byte < 0x80) return {};
    if (byte < 0xa0) return std::string(kFrom80[byte - 0x80]);
    if (byte == 0xa0 || byte == 0xad) return {}; // a blank, and a hyphen that is not seen
    return {static_cast<char>(0xc0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3f))};
}

} // namespace angod::host
