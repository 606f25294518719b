// What S3 answers to ListObjectsV2, and how it says no. Bytes in, value out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::s3 {

struct ObjectPage {
    std::vector<std::string> keys, prefixes;
    std::string next; ///< empty: the last page
};

struct Refusal {
    std::string code, message; ///< empty if it does not say
};

/// Nothing if it is no such answer. Names that came URL-encoded are decoded.
std::optional<ObjectPage> read_page(std::string_view xml);

Refusal read_refusal(std::string_view xml);

} // namespace ango::s3
