// Host names to addresses, without ever waiting for the system's resolver longer than wanted.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace angod::socketio {

using Addresses = std::vector<asio::ip::address>;

/// Asks the system anew, on a thread that nobody waits for: getaddrinfo cannot be interrupted, so a cancel or the
/// deadline ends this wait alone, also when the process ends. Who asks for a name that is being asked for already
/// gets that answer, so there is at most one thread for each name. Never empty. The order is the system's, IPv6 and
/// IPv4 by turns. An address needs no thread.
awaitable<Result<Addresses>> resolve(std::string host, std::chrono::steady_clock::time_point deadline);

} // namespace angod::socketio
