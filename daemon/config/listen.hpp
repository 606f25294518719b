// The address of a listener: "127.0.0.1:8080", "[::]:8080", or an address without a port.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod::config {

struct Listen {
    std::string address; ///< numeric, without brackets
    std::optional<std::uint16_t> port;
};

/// The text of an error continues the name of a key.
Result<Listen> parse_listen(std::string_view text);

} // namespace angod::config
