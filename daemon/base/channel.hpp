// The two-way byte channel between angod and a host process: inherited, so it has no name and no path.
#pragma once

#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstddef>

namespace angod {

/// angod's end, asynchronous.
using ChannelStream = boost::asio::local::stream_protocol::socket;

/// The host's end of a channel that was made for a child process; closed on destruction.
class ChannelEnd {
public:
    explicit ChannelEnd(int fd) : fd_(fd) {}
    ChannelEnd(ChannelEnd &&other) noexcept;
    ChannelEnd &operator=(ChannelEnd &&) = delete;
    ~ChannelEnd();
    int native() const { return fd_; }

    /// Blocking. At least one byte; 0 when the other side is gone.
    Result<std::size_t> read_some(char *buffer, std::size_t capacity);
    /// Blocking; writes all of it. Not for several threads at a time.
    Result<void> write(const char *data, std::size_t size);

private:
    int fd_;
};

struct ChannelPair {
    ChannelStream ours;
    ChannelEnd theirs;
};

Result<ChannelPair> make_channel(const boost::asio::any_io_executor &executor);

/// Is kChannelFd a channel at all? False when the program was started by hand.
bool has_inherited_channel();

/// Inside a host: the end it inherited (descriptor kChannelFd).
ChannelEnd inherited_channel();

inline constexpr int kChannelFd = 3;

} // namespace angod
