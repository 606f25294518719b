// Upper and lower case of ASCII, whatever the locale: names of plugins, ids of modules, hosts, headers.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace angod {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline std::string ascii_lower(std::string_view text) {
    std::string out(text);
    for (char &c : out) c = ascii_lower(c);
    return out;
}

constexpr bool equal_but_for_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// The part of a message behind a name that is not there: "; "coco" differs from it only in upper and lower case". Empty if
/// no name of the range is such a one. name_of: the name of an element.
template <class Range, class NameOf>
std::string only_in_another_case(std::string_view name, const Range &all, NameOf name_of) {
    for (const auto &each : all)
        if (const std::string other(name_of(each)); other != name && equal_but_for_case(other, name))
            return "; \"" + other + "\" differs from it only in upper and lower case";
    return {};
}

} // namespace angod
