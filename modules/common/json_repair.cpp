#include "common/json_repair.hpp"

#include "common/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

namespace ango::common {

namespace {

/// The code unit of the escape \uXXXX at text[at]; nothing if there is none.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    unsigned unit = 0;
    const auto [end, failed] = std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
    return failed == std::errc() && end == text.data() + at + 6 ? std::optional(unit) : std::nullopt;
}

/// Repairs the escape at out[at] if it is half of a pair. Returns the place behind it.
std::size_t repair_escape(std::string &out, std::size_t at) {
    const auto unit = escaped_unit(out, at);
    if (!unit || *unit < 0xd800 || *unit > 0xdfff) return at + 2;
    const auto next = *unit < 0xdc00 ? escaped_unit(out, at + 6) : std::nullopt;
    if (next && *next >= 0xdc00 && *next <= 0xdfff) return at + 12;
    out.replace(at, 6, "\\ufffd");
    return at + 6;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_of_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

/// A word of equal value that RapidJSON reads; empty if it reads this one, or if it is no number.
std::string readable_number(std::string_view word) {
    const bool has_sign = word[0] == '-' || word[0] == '+';
    const std::string_view bare = word.substr(has_sign ? 1 : 0);
    if (bare.empty()) return {};
    if (!is_digit(bare[0])) {
        if (bare.size() > 8) return {}; // the longest is "infinity"
        const std::string name = ascii_lower(bare);
        return name == "nan" ? "NaN" : name == "inf" || name == "infinity" ? "Inf" : "";
    }
    double value = 0;
    const char *const end = word.data() + word.size();
    const auto [stop, failed] = std::from_chars(word.data(), end, value);
    if (stop != end || word[0] == '+') return {};
    if (failed == std::errc::result_out_of_range) return std::isinf(value_of_number(word)) ? "Inf" : "";
    // RapidJSON refuses exponents above 308, also in front of a small number: 0e400.
    if (word.find_first_of("eE") == std::string_view::npos) return {};
    char shortest[32];
    const auto printed = std::to_chars(shortest, shortest + sizeof shortest, value);
    return {shortest, printed.ptr};
}

} // namespace

std::string repaired_json(std::string_view text) {
    std::string out(text);
    bool in_string = false;
    for (std::size_t at = 0; at < out.size();) {
        if (out[at] == '"') in_string = !in_string;
        if (in_string && out[at] == '\\') {
            at = repair_escape(out, at);
        } else if (in_string || !is_of_word(out[at])) {
            ++at;
        } else {
            const std::size_t begin = at;
            while (at < out.size() && is_of_word(out[at])) ++at;
            const std::string number = readable_number(std::string_view(out).substr(begin, at - begin));
            if (number.empty() || number.size() > at - begin) continue;
            std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(at),
                      ' ');
            out.replace(at - number.size(), number.size(), number);
        }
    }
    return out;
}

double value_of_number(std::string_view text) {
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc::result_out_of_range) return value;
    // Too small or too large: the sign of the exponent tells which, or without an exponent the leading zero.
    const std::string_view digits = text.substr(text[0] == '-' ? 1 : 0);
    const std::size_t exponent = digits.find_first_of("eE");
    const bool tiny = exponent == std::string_view::npos ? digits[0] == '0' : digits[exponent + 1] == '-';
    return tiny ? 0.0 : std::numeric_limits<double>::infinity();
}

} // namespace ango::common
