// The fate of bytes that were written to a socket, as the kernel knows it.
#pragma once

namespace angod::http {

enum class Delivery {
    taken,   ///< the other side's machine has all of them
    pending, ///< not all yet
    lost,    ///< the connection is gone
};

/// socket: a native handle; not of TCP: taken.
Delivery delivery_of(int socket);

} // namespace angod::http
