// Identifiers and digests.
#pragma once

#include <string>
#include <string_view>

namespace angod {

/// A UUID of version 7 (RFC 9562): sorts by creation time to the millisecond, random behind that.
std::string new_id();

/// SHA-256 as 32 raw bytes. 20 MB take about 15 ms: keep large inputs off the event loop.
std::string sha256(std::string_view bytes);

std::string to_hex(std::string_view bytes);

std::string to_base64(std::string_view bytes);

} // namespace angod
