// One call of a server, to find out how far it gets. For people who look for the fault of a network.
#pragma once

#include "base/proxy.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod::rest {

/// The steps of a call, in their order.
enum class ProbeStep { name, connection, proxy, tls, answer, complete };

struct Probe {
    ProbeStep failed = ProbeStep::complete; ///< the step that failed; complete: none did
    std::string problem;                    ///< why, in the words of the library, without control characters
    std::string address;                    ///< of the server or of the proxy, numeric; empty: nothing was connected
    std::optional<std::int64_t> certificate_end_ms; ///< the earliest end in the server's chain; ms since 1970
    std::optional<std::int64_t> date_ms;            ///< by the server's clock; ms since 1970
};

/// Calls url with GET. Blocks, at most for limit. ca_file: as in ClientOptions. Call init_http first.
Probe probe(const std::string &url, const std::string &ca_file, const std::optional<Proxy> &proxy,
            std::chrono::milliseconds limit);

/// "Nov 29 14:13:18 2026 GMT", as OpenSSL writes the end of a certificate; ms since 1970. Pure.
std::optional<std::int64_t> parse_certificate_date(std::string_view text);

} // namespace angod::rest
