// One request on a connection, with its response. Event loop only.
#pragma once

#include "http/connection.hpp"

namespace angod::http {

/// Reads a request and answers it. False: the connection is to be closed.
awaitable<bool> serve_request(StatePtr state, ConnectionPtr connection);

} // namespace angod::http
