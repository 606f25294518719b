#include "base/percent.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/grammar/hexdig_chars.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace angod {

namespace {

namespace urls = boost::urls;

/// The byte that the %XX at this place stands for.
std::optional<char> byte_at(std::string_view text, std::size_t at) {
    if (at + 2 >= text.size()) return std::nullopt;
    const int high = urls::grammar::hexdig_value(text[at + 1]), low = urls::grammar::hexdig_value(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(high * 16 + low);
}

} // namespace

std::string percent_encode(std::string_view text) { return urls::encode(text, urls::unreserved_chars); }

std::string percent_encode_path(std::string_view path) { return urls::encode(path, urls::unreserved_chars + '/'); }

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto byte = byte_at(text, i);
        if (!byte) return std::nullopt;
        out += *byte;
        i += 2;
    }
    return out;
}

std::string percent_decode_leniently(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = text[i] == '%' ? byte_at(text, i) : std::nullopt;
        out += byte.value_or(text[i]);
        if (byte) i += 2;
    }
    return out;
}

std::string form_decode(std::string_view text) {
    std::string blanks(text);
    for (char &c : blanks)
        if (c == '+') c = ' ';
    return percent_decode_leniently(blanks);
}

} // namespace angod
