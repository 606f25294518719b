// Decodes a file that an event carries as base64, piece by piece, without a copy of the whole text.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace angod::host {

/// Accepts blanks between the characters and a prefix "data:…;base64,". One thread.
class Base64Text {
public:
    /// token: the JSON string in the event, with its quotes. It must be valid JSON and outlive this object.
    explicit Base64Text(std::string_view token);

    /// Returns the next bytes, valid until the next call; empty at the end. An error names the character and is final.
    Result<std::string_view> next();

private:
    bool take(char &c);
    Result<void> skip_data_url();
    Result<std::string_view> decode(std::size_t size);

    std::string_view left_;      ///< rest of the token, without quotes
    std::uint64_t position_ = 0; ///< characters taken; an escape counts as one
    bool started_ = false;       ///< the prefix was skipped
    std::size_t digits_ = 0;     ///< read so far
    std::size_t pads_ = 0;       ///< of the padding, read so far
    std::vector<char> text_;     ///< only characters of base64
    std::vector<unsigned char> bytes_;
};

} // namespace angod::host
