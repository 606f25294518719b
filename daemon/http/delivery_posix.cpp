#include "http/delivery.hpp"

#include <cerrno>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace angod::http {

Delivery delivery_of(int socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return errno == EBADF ? Delivery::lost : Delivery::taken;
    // A reset empties the queue of unsent bytes, so the state is asked first.
    if (info.tcpi_state == TCP_CLOSE) return Delivery::lost;
    int unsent = 0;
    if (::ioctl(socket, SIOCOUTQ, &unsent) != 0) return Delivery::lost;
    return unsent == 0 ? Delivery::taken : Delivery::pending;
}

} // namespace angod::http
