#include "common/web_address.hpp"

#include "common/names.hpp"
#include "common/text.hpp"

#include <algorithm>

namespace ango::common {

bool is_web_address(std::string_view text) {
    constexpr std::size_t kLongest = 64 * 1024; // browsers do not open longer ones
    const std::size_t slashes = text.substr(0, 8).find("//");
    if (text.size() > kLongest || slashes == std::string_view::npos) return false;
    const std::string scheme = ascii_lower(text.substr(0, slashes));
    if (scheme != "http:" && scheme != "https:") return false;
    const std::string_view rest = text.substr(slashes + 2);
    if (rest.empty() || std::string_view("/?#:@").find(rest[0]) != std::string_view::npos) return false;
    constexpr std::string_view kNever = "\"<>\\^`{|}";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_length(text, at);
        const std::string_view character = text.substr(at, size);
        if (size == 0 || is_blank(character) || kNever.find(character) != std::string_view::npos) return false;
        at += size;
    }
    return true;
}

} // namespace ango::common
