// Why the system could not resolve a host name.
#pragma once

#include <string>

namespace angod::socketio {

/// Of what getaddrinfo returned; at once, on the thread that called it.
std::string resolver_error(int failed);

} // namespace angod::socketio
