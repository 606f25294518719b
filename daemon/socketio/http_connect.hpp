// The CONNECT request of HTTP, which turns a proxy into a tunnel. Pure.
#pragma once

#include "base/proxy.hpp"
#include "base/result.hpp"
#include "base/url.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace angod::socketio {

/// The whole request for a tunnel to the URL's host and port, with Basic credentials if the proxy has some.
std::string connect_request(const Url &url, const Proxy &proxy, std::string_view user_agent);

struct ConnectReply {
    int status = 0;
    std::size_t size = 0; ///< bytes of the head; later bytes came through the tunnel
};

/// Longest head that is read from a proxy, in bytes.
inline constexpr std::size_t kMaxConnectReply = 16 * 1024;

/// The head of a proxy's answer, from the bytes that have come so far. Nothing: the head is not complete yet. An
/// error: the bytes are not an HTTP/1 answer, or longer than kMaxConnectReply.
Result<std::optional<ConnectReply>> parse_connect_reply(std::string_view bytes);

} // namespace angod::socketio
