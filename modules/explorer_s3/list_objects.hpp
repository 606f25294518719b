// The answers of S3 to ListObjectsV2: a page, or a refusal. Pure: bytes in, value out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::explorer_s3 {

struct ObjectPage {
    std::vector<std::string> keys, prefixes;
    bool truncated = false;    ///< more entries follow
    std::string next;          ///< the token of the next page; empty: none is named
    std::uint64_t missing = 0; ///< entries that the page counts but does not name
};

struct Refusal {
    std::string code, message; ///< empty if the answer has none
    std::string region;        ///< where the bucket is, if the answer says so
    std::string endpoint;      ///< the host where it is to be asked for, if the answer says so
    std::string
        words; ///< of an answer that is not XML: the message in JSON, the title of a page, or the first line of a text;
               ///< in quotes, one printable line of less than a kilobyte
};

/// Nothing if xml is no such answer. URL-encoded names are decoded.
std::optional<ObjectPage> read_page(std::string_view xml);

/// Any bytes: gateways and other stores answer with text, JSON or pages.
Refusal read_refusal(std::string_view answer);

} // namespace ango::explorer_s3
