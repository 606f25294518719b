// Which HTTP proxy a connection goes through. One set of rules for WebSocket and REST, curl's wherever it has one.
#pragma once

#include "base/result.hpp"
#include "base/url.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod {

struct Proxy {
    std::string host; ///< without the brackets of an IPv6 address
    std::uint16_t port = 0;
    std::string user, password; ///< decoded; both empty: none

    /// host:port, for logs: never with user and password.
    std::string authority() const;
    bool has_credentials() const { return !user.empty() || !password.empty(); }
};

/// host:port, an IPv6 address in brackets.
std::string host_and_port(const std::string &host, std::uint16_t port);

/// http://[USER[:PASSWORD]@]HOST[:PORT], user and password percent-encoded; without a scheme it is http, without a
/// port 1080, as curl has it. Errors do not repeat the text: it may hold a password.
Result<Proxy> parse_proxy(std::string_view text);

/// Proxies as an operator names them. An empty URL means a direct connection.
struct ProxyRules {
    std::string http;     ///< for http and ws
    std::string https;    ///< for https and wss
    std::string no_proxy; ///< hosts that are reached directly; see bypasses_proxy
    bool operator==(const ProxyRules &) const = default;
};

/// What the environment says: https_proxy, http_proxy and no_proxy; where one is not set, its name in capitals.
ProxyRules proxies_of_environment();

/// Is the host of this URL in the list? Entries are separated by commas or blanks: a name, which stands for its
/// subdomains too; an address; a network such as 10.0.0.0/8; each but the last with a port if it is meant for that
/// port only ("[::1]:443"). "*" is everything. Loopback addresses are like all others.
bool bypasses_proxy(std::string_view no_proxy, const Url &url);

/// The proxy for this URL; nothing: connect directly.
Result<std::optional<Proxy>> proxy_for(const ProxyRules &rules, const Url &url);

/// Why a proxy opens no tunnel, from the status of its answer, as the end of a sentence: "the proxy 10.0.0.1:3128
/// wants a user name and a password (HTTP 407); …".
std::string proxy_refusal(const Proxy &proxy, long status);

} // namespace angod
