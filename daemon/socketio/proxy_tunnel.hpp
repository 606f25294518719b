// A tunnel through an HTTP proxy: the CONNECT request, and the proxy's answer to it.
#pragma once

#include "base/async.hpp"
#include "base/proxy.hpp"
#include "base/result.hpp"
#include "base/url.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace angod::socketio {

/// The whole request for a tunnel to the URL's host and port, with Basic credentials if the proxy has some. Pure.
std::string connect_request(const Url &url, const Proxy &proxy, std::string_view user_agent);

struct Tunnel {
    Result<void> opened;
    std::optional<std::chrono::milliseconds> pause; ///< for which the proxy asked when it refused
};

/// Asks the proxy at the other end of the socket for a tunnel. Event loop only. An error names the proxy, its status and its words.
/// socket, url and proxy outlive the call.
awaitable<Tunnel> open_tunnel(boost::asio::ip::tcp::socket &socket, const Url &url, const Proxy &proxy,
                              std::string user_agent, std::chrono::steady_clock::time_point deadline);

} // namespace angod::socketio
