// Chooses the HTTP proxy of a connection. WebSocket and REST use the same rules; they are those of curl where curl has some.
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

/// Reads http://[USER[:PASSWORD]@]HOST[:PORT], with user and password percent-encoded. As in curl, the scheme may be missing, and
/// the port is then 1080 by default. Errors do not repeat the text: it may hold a password.
Result<Proxy> parse_proxy(std::string_view text);

/// Proxies as an operator configures them. An empty URL means a direct connection.
struct ProxyRules {
    std::string http;     ///< for http and ws
    std::string https;    ///< for https and wss
    std::string no_proxy; ///< hosts that are reached directly; see base/no_proxy.hpp
    bool operator==(const ProxyRules &) const = default;
};

/// The rules of the environment: https_proxy, http_proxy and no_proxy, or the same names in capitals.
ProxyRules proxies_of_environment();

/// Whether the host of this URL is in the list; base/no_proxy.hpp has the form of its entries. The list holds for names and their
/// subdomains, for addresses, and for networks. Addresses are compared with the host as the URL has it: a name is not resolved
/// for that. Loopback addresses are not special.
bool bypasses_proxy(std::string_view no_proxy, const Url &url);

/// The proxy for this URL; nothing: connect directly.
Result<std::optional<Proxy>> proxy_for(const ProxyRules &rules, const Url &url);

/// Explains, from the status of its answer, why a proxy opens no tunnel. It is the end of a sentence: "the proxy
/// 10.0.0.1:3128 wants a user name and a password (HTTP 407); …".
std::string proxy_refusal(const Proxy &proxy, long status);

} // namespace angod
