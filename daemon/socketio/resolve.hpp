// Host names to addresses. No wait for the system's resolver is longer than its deadline.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace angod::socketio {

using Addresses = std::vector<asio::ip::address>;

/// Asks the system anew, on a detached thread. getaddrinfo cannot be interrupted, so a cancel or the deadline ends only this
/// wait, and the end of the process does not wait for the thread. Concurrent calls for one name share one thread and its
/// answer. The list is never empty; it has the system's order, with IPv6 and IPv4 by turns. An address needs no thread.
awaitable<Result<Addresses>> resolve(std::string host, std::chrono::steady_clock::time_point deadline);

} // namespace angod::socketio
