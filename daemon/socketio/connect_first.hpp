// A TCP connection to whichever address of a host answers first.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "socketio/resolve.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>

namespace angod::socketio {

/// Tries the addresses in order, the next one as soon as the last has failed or has said nothing for a quarter of a
/// second, all until one of them answers (RFC 8305). An error names each address and what became of it.
awaitable<Result<asio::ip::tcp::socket>> connect_first(Addresses addresses, std::uint16_t port,
                                                       std::chrono::steady_clock::time_point deadline);

} // namespace angod::socketio
