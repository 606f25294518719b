// URLs as this project needs them: taken apart for connections.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace angod {

struct Url {
    std::string scheme;     ///< lower case
    std::string host;       ///< without the brackets of an IPv6 address
    std::uint16_t port = 0; ///< the scheme's own if the text has none
    std::string target;     ///< path and query, at least "/"

    bool encrypted() const { return scheme == "https" || scheme == "wss"; }
    bool loopback() const;
    /// host as it stands in a Host header, with the port if it is not the scheme's own.
    std::string authority() const;
};

/// http, https, ws or wss; no user name.
Result<Url> parse_url(std::string_view text);

} // namespace angod
