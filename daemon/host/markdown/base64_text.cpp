#include "host/markdown/base64_text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>

namespace angod::host {

namespace {

constexpr std::size_t kPiece = 64 * 1024; // characters; a multiple of 4
constexpr std::size_t kLongestPrefix = 256;

enum class Kind : std::uint8_t { bad, digit, blank, pad };

constexpr std::array<Kind, 256> kKinds = [] {
    std::array<Kind, 256> kinds{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
        kinds[static_cast<unsigned char>(c)] = Kind::digit;
    for (const char c : std::string_view(" \t\r\n")) kinds[static_cast<unsigned char>(c)] = Kind::blank;
    kinds[static_cast<unsigned char>('=')] = Kind::pad;
    return kinds;
}();

Error bad_base64(std::string_view what) {
    return error(Code::invalid, fmt::format("The CSV file is damaged: its base64 text {}. Upload it again.", what));
}

std::string printable(char c) {
    return c > ' ' && c < 0x7f ? fmt::format("'{}'", c) : fmt::format("byte 0x{:02x}", static_cast<unsigned char>(c));
}

} // namespace

Base64Text::Base64Text(std::string_view token) : left_(token.substr(1, token.size() - 2)), bytes_(kPiece / 4 * 3) {
    text_.reserve(kPiece);
}

/// Takes the next character of the JSON string. An escaped character that is not ASCII becomes 0, which base64 does not
/// contain.
bool Base64Text::take(char &c) {
    if (left_.empty()) return false;
    ++position_;
    c = left_[0];
    if (c != '\\') {
        left_.remove_prefix(1);
        return true;
    }
    const char escaped = left_[1];
    std::size_t size = 2;
    switch (escaped) {
        case 'n': c = '\n'; break;
        case 'r': c = '\r'; break;
        case 't': c = '\t'; break;
        case 'b': c = '\b'; break;
        case 'f': c = '\f'; break;
        case 'u': {
            unsigned unit = 0;
            std::from_chars(left_.data() + 2, left_.data() + 6, unit, 16);
            c = unit < 0x80 ? static_cast<char>(unit) : '\0';
            size = 6;
            break;
        }
        default: c = escaped;
    }
    left_.remove_prefix(size);
    return true;
}

Result<void> Base64Text::skip_data_url() {
    if (!left_.starts_with("data:")) return {};
    std::string prefix;
    for (char c = 0; prefix.size() < kLongestPrefix && take(c);) {
        if (c == ',') return prefix.ends_with(";base64") ? Result<void>() : bad_base64("is a data URL of another kind");
        prefix += c;
    }
    return bad_base64("begins with \"data:\", but no \"base64,\" follows");
}

Result<std::string_view> Base64Text::next() {
    if (!started_) {
        started_ = true;
        if (const auto skipped = skip_data_url(); !skipped) return skipped.error();
    }
    text_.clear();
    for (char c = 0; text_.size() < kPiece && take(c);) {
        switch (kKinds[static_cast<unsigned char>(c)]) {
            case Kind::blank: break;
            case Kind::pad: ++pads_; break;
            case Kind::digit:
                if (pads_ > 0) return bad_base64(fmt::format("goes on behind its end, at character {}", position_));
                text_.push_back(c);
                ++digits_;
                break;
            case Kind::bad: return bad_base64(fmt::format("holds {} at character {}", printable(c), position_));
        }
    }
    return decode(text_.size());
}

/// size: a multiple of 4 except at the end. Text without its padding may be the beginning of a longer one.
Result<std::string_view> Base64Text::decode(std::size_t size) {
    const std::size_t missing = (4 - size % 4) % 4;
    if (missing == 3 || pads_ < missing)
        return bad_base64(
            fmt::format("is cut off: it has {} characters, which is not a multiple of 4", digits_ + pads_));
    text_.insert(text_.end(), missing, 'A');
    EVP_DecodeBlock(bytes_.data(), reinterpret_cast<const unsigned char *>(text_.data()),
                    static_cast<int>(text_.size()));
    return std::string_view(reinterpret_cast<const char *>(bytes_.data()), text_.size() / 4 * 3 - missing);
}

} // namespace angod::host
