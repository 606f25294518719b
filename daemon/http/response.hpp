// How responses are written to a connection. Event loop only.
#pragma once

#include "http/connection.hpp"

namespace angod::http {

/// version: 10 or 11, of the request. keep: the connection stays open. False: the response could not be written.
awaitable<bool> write(Connection &connection, const Server::State &state, const Response &made, unsigned version,
                      bool keep);

/// Writes the response as the last one of the connection, and takes what still comes so that the response is not lost.
awaitable<void> refuse(Connection &connection, const Server::State &state, const Response &response, unsigned version);

/// Writes a response whose body is made piece by piece, until the body or the caller ends. The last one of the connection.
awaitable<void> write_pieces(const Server::State &state, Connection &connection, const Response &made,
                             const Caller &caller, unsigned version);

/// Waits until the other side's machine has received what was written (true), or the connection breaks (false).
awaitable<bool> taken(Connection &connection);

} // namespace angod::http
