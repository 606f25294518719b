// A file that an event carries as base64, decoded piece by piece while it stays where it is.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace angod::host {

/// Blanks between the characters, a "data:…;base64," in front and missing padding are fine.
class Base64Text {
public:
    /// token: a JSON string with its quotes, as it stands in the event, valid JSON; it must outlive this.
    explicit Base64Text(std::string_view token);

    /// The next bytes, valid until the next call; empty: the end. An error names the character and is final.
    Result<std::string_view> next();

private:
    bool take(char &c);
    Result<void> skip_data_url();
    Result<std::string_view> decode(std::size_t size);

    std::string_view left_;      ///< of the token, without its quotes
    std::uint64_t position_ = 0; ///< characters taken, escapes as one
    bool started_ = false, padded_ = false;
    std::vector<char> text_; ///< characters of base64, and nothing else
    std::vector<unsigned char> bytes_;
};

} // namespace angod::host
