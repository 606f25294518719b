// The text of a resolver error.
#pragma once

#include <string>

namespace angod::socketio {

/// failed: what getaddrinfo returned. Call it at once and on the same thread, because it may read errno.
std::string resolver_error(int failed);

} // namespace angod::socketio
