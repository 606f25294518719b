// Percent-encoding of URLs (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace ango::common {

/// text with every byte but A-Z, a-z, 0-9 and "-._~" as %XX, in capitals. Bytes of kept stay as they are too: "/" for
/// a path.
std::string percent_encode(std::string_view text, std::string_view kept = {});

/// text with every %XX as the byte that it names. A '%' without two hexadecimal digits stays as it is.
std::string percent_decode(std::string_view text);

} // namespace ango::common
