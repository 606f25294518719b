#include "base/channel.hpp"

#include "base/files.hpp"

#include <boost/asio/buffer.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace angod {

ChannelEnd::ChannelEnd(ChannelEnd &&other) noexcept : handle_(std::exchange(other.handle_, kNoHandle)) {}

ChannelEnd::~ChannelEnd() {
    if (handle_ >= 0) ::close(handle_);
}

Result<std::size_t> ChannelEnd::read_some(char *buffer, std::size_t capacity) {
    for (;;) {
        const ssize_t n = ::recv(handle_, buffer, capacity, 0);
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno == ECONNRESET) return std::size_t{0};
        if (errno != EINTR) return error(Code::io, "cannot read from angod: " + files::system_error());
    }
}

Result<void> ChannelEnd::write(const char *data, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::send(handle_, data, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return error(Code::io, "cannot write to angod: " + files::system_error());
        data += n;
        size -= static_cast<std::size_t>(n);
    }
    return {};
}

bool ChannelEnd::usable() const {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(handle_, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

Result<ChannelPair> make_channel(const boost::asio::any_io_executor &executor) {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return error(Code::io, "cannot make a channel for a host: " + files::system_error());
    // Its number must not be one that the child uses while its descriptors are put in place.
    const int high = ::fcntl(fds[1], F_DUPFD_CLOEXEC, 10);
    if (high >= 0) ::close(std::exchange(fds[1], high));
    ChannelEnd theirs(fds[1]);
    ChannelStream ours(executor);
    boost::system::error_code failed;
    ours.assign(boost::asio::local::stream_protocol(), fds[0], failed);
    if (failed) {
        ::close(fds[0]);
        return error(Code::io, "cannot use a channel for a host: " + failed.message());
    }
    ours.non_blocking(true, failed); // for write_what_fits; without it that is only slower
    return ChannelPair{std::move(ours), std::move(theirs)};
}

std::size_t write_what_fits(ChannelStream &stream, std::string_view bytes) {
    if (!stream.non_blocking()) return 0;
    boost::system::error_code failed;
    return stream.write_some(boost::asio::buffer(bytes), failed);
}

bool has_inherited_channel() {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(kChannelFd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

ChannelEnd inherited_channel() {
    ::fcntl(kChannelFd, F_SETFD, FD_CLOEXEC);
    return ChannelEnd(kChannelFd);
}

} // namespace angod
