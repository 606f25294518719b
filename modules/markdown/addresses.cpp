#include "markdown/addresses.hpp"

#include "common/names.hpp"
#include "common/text.hpp"

#include <algorithm>
#include <array>

namespace ango::markdown {

using namespace std::string_view_literals;

namespace {

/// Whether text begins with a character reference to a colon. Digits that follow are not looked at.
bool is_colon_reference(std::string_view text) {
    if (text.starts_with("&colon;")) return true;
    if (!text.starts_with("&#")) return false;
    text.remove_prefix(2);
    const bool is_hexadecimal = text.starts_with('x') || text.starts_with('X');
    if (is_hexadecimal) text.remove_prefix(1);
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
    return common::ascii_lower(text.substr(0, 2)) == (is_hexadecimal ? "3a" : "58");
}

/// text without blanks at its start. The signs '>' in front of the lines of a quotation count as blanks.
std::string_view without_start(std::string_view text) {
    for (;; text.remove_prefix(1)) {
        const std::string_view seen = common::without_blanks(text);
        if (seen.empty()) return {};
        text.remove_prefix(static_cast<std::size_t>(seen.data() - text.data()));
        if (!text.starts_with('>')) return text;
    }
}

} // namespace

std::size_t deciding_sign(std::string_view address) {
    for (std::size_t at = 0; at < address.size(); ++at) {
        const std::string_view left = address.substr(at);
        if (":/?#"sv.find(left[0]) != std::string_view::npos || is_colon_reference(left)) return at;
        if (left.starts_with("&#")) ++at; // this '#' is a part of the reference
    }
    return std::string_view::npos;
}

bool is_safe_scheme(std::string_view address) {
    address = common::without_blanks(address);
    constexpr std::array kSchemes{"http"sv, "https"sv, "mailto"sv, "tel"sv};
    const std::string scheme = common::ascii_lower(address.substr(0, std::min<std::size_t>(address.find(':'), 8)));
    if (std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end()) return true;
    const std::string start = common::ascii_lower(address.substr(0, 24));
    constexpr std::array kImages{"data:image/png;base64,"sv, "data:image/jpeg;base64,"sv, "data:image/jpg;base64,"sv,
                                 "data:image/gif;base64,"sv, "data:image/webp;base64,"sv};
    return std::any_of(kImages.begin(), kImages.end(),
                       [&](std::string_view image) { return start.starts_with(image); });
}

bool is_safe_start(std::string_view address) {
    const std::size_t sign = address.find_first_of(":/?#");
    return sign == std::string_view::npos || address[sign] != ':' || is_safe_scheme(address);
}

bool is_safe_destination(std::string_view text) {
    constexpr std::size_t kLongest = 256; // bytes that are looked at, so that the work stays linear
    text = without_start(text.substr(0, kLongest));
    const bool has_brackets = text.starts_with('<');
    if (has_brackets) text.remove_prefix(1);
    // In angle brackets a space is a part of the address. Some readers leave out blanks at its start, and browsers leave
    // out tabs and line ends everywhere.
    if (has_brackets && without_start(text).data() != text.data()) return text.starts_with('>');
    const std::size_t sign = text.find_first_of(has_brackets ? "\t\r\n\v\f>:/?#&\\"sv : " \t\r\n\v\f)>:/?#&\\"sv);
    if (sign == std::string_view::npos) return false;
    if (text[sign] == '&' || text[sign] == '\\') return false;
    if (has_brackets && text[sign] >= '\t' && text[sign] <= '\r') return false;
    return text[sign] != ':' || is_safe_scheme(text);
}

} // namespace ango::markdown
