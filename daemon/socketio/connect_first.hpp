// A TCP connection to the address of a host that answers first.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "socketio/resolve.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>

namespace angod::socketio {

/// Tries the addresses in order until one answers (RFC 8305). The next attempt starts as soon as all others have failed, or a
/// quarter of a second after the last one began. An error names each address and the result of its attempt.
awaitable<Result<asio::ip::tcp::socket>> connect_first(Addresses addresses, std::uint16_t port,
                                                       std::chrono::steady_clock::time_point deadline);

} // namespace angod::socketio
