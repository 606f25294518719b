// The frames between angod and one host: queued and written, read and put together.
//
// Event loop only. Its owner outlives read and write.
#pragma once

#include "base/async.hpp"
#include "base/channel.hpp"
#include "host_protocol/messages.hpp"

#include <functional>
#include <string>

namespace angod::supervisor {

class HostChannel {
public:
    HostChannel(const asio::any_io_executor &executor, ChannelStream stream);

    /// Writes a frame at once as far as the channel takes it, and queues the rest. Does nothing after close.
    void send(std::string frame);
    /// Writes what is queued, until close or until the channel fails. Call once.
    awaitable<void> write();
    /// Gives every frame to on_frame until the other side closes the channel. The text says why it ended, if the bytes
    /// that came were no frame; else it is empty. Call once.
    awaitable<std::string> read(std::function<void(const host_protocol::Frame &)> on_frame);
    /// Ends read and write.
    void close();

private:
    ChannelStream stream_;
    std::string queued_, writing_;
    bool closed_ = false;
    Signal changed_; ///< something is queued, or the channel was closed
};

} // namespace angod::supervisor
