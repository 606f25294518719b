#include "markdown/addresses.hpp"

#include "common/names.hpp"
#include "common/text.hpp"

#include <algorithm>
#include <array>

namespace ango::markdown {

using namespace std::string_view_literals;

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
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    text = text.substr(0, kLongest);
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return false;
    text.remove_prefix(begin);
    if (text.starts_with('<')) text.remove_prefix(1);
    const std::size_t sign = text.find_first_of(" \t\r\n\v\f)>:/?#&\\");
    if (sign == std::string_view::npos) return false;
    if (text[sign] == '&' || text[sign] == '\\') return false;
    return text[sign] != ':' || is_safe_scheme(text);
}

} // namespace ango::markdown
