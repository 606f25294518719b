#include "supervisor/host_channel.hpp"

#include <boost/asio/write.hpp>

#include <utility>

namespace angod::supervisor {

HostChannel::HostChannel(const asio::any_io_executor &executor, ChannelStream stream)
    : stream_(std::move(stream)), changed_(executor) {}

void HostChannel::send(std::string frame) {
    if (closed_) return;
    if (queued_.empty() && writing_.empty()) {
        // Most frames fit the channel's buffer: no turn of the event loop is needed.
        frame.erase(0, write_what_fits(stream_, frame));
        if (frame.empty()) return;
    }
    queued_ += frame;
    changed_.wake_all();
}

awaitable<void> HostChannel::write() {
    while (!closed_) {
        if (queued_.empty()) {
            co_await changed_.wait();
            continue;
        }
        writing_ = std::exchange(queued_, {});
        const auto [failed, n] = co_await asio::async_write(stream_, asio::buffer(writing_), as_value);
        if (failed) co_return;
        std::string().swap(writing_); // an event can be large, and the host can live long
    }
}

awaitable<std::string> HostChannel::read(std::function<void(const host_protocol::Frame &)> on_frame) {
    host_protocol::FrameBuffer buffer;
    for (;;) {
        const auto [where, size] = buffer.prepare();
        const auto [failed, n] = co_await stream_.async_read_some(asio::buffer(where, size), as_value);
        if (failed) co_return std::string();
        buffer.commit(n);
        for (;;) {
            const auto frame = buffer.next();
            if (!frame) co_return frame.error().text;
            if (!*frame) break;
            on_frame(**frame);
        }
    }
}

void HostChannel::close() {
    closed_ = true;
    boost::system::error_code ignored;
    stream_.close(ignored);
    changed_.wake_all();
}

} // namespace angod::supervisor
