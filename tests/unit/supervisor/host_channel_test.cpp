#include "supervisor/host_channel.hpp"

#include "printing.hpp"
#include "run_coroutine.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace angod;
using namespace angod::host_protocol;
using angod::supervisor::HostChannel;

namespace {

/// A channel whose other end is in the hands of the test.
struct Channel {
    asio::io_context context;
    std::optional<ChannelEnd> theirs;
    std::optional<HostChannel> ours;

    Channel() {
        auto pair = make_channel(context.get_executor());
        REQUIRE(pair);
        theirs.emplace(std::move(pair->theirs));
        ours.emplace(context.get_executor(), std::move(pair->ours));
    }
    ~Channel() {
        ours->close();
        context.restart();
        context.run(); // read and write end
    }
    void say(const std::string &bytes) { REQUIRE(theirs->write(bytes.data(), bytes.size())); }
    /// Blocks until so many bytes have come.
    std::string hear(std::size_t bytes) {
        std::string out;
        std::string buffer(65536, '\0');
        while (out.size() < bytes) {
            const auto got = theirs->read_some(buffer.data(), buffer.size());
            if (!got || *got == 0) break;
            out.append(buffer, 0, *got);
        }
        return out;
    }
    /// Reads until the channel ends.
    std::string read() {
        return run_coroutine(context, ours->read([this](const Frame &frame) {
            frames.emplace_back(frame.payload);
            if (on_frame) on_frame();
        }));
    }
    std::vector<std::string> frames;
    std::function<void()> on_frame;
};

std::string frame_of(std::size_t bytes) { return encode(CheckpointSaved{"job", std::string(bytes, 'x')}); }

} // namespace

TEST_CASE("a small frame is written at once, without the event loop") {
    Channel channel;
    channel.ours->send(frame_of(10));
    CHECK(channel.hear(frame_of(10).size()) == frame_of(10));
}

TEST_CASE("frames that the channel does not take at once are queued and written in order") {
    Channel channel;
    spawn(channel.context.get_executor(), "writer", channel.ours->write());
    const std::string all = frame_of(5'000'000) + frame_of(3) + frame_of(2'000'000);
    channel.ours->send(frame_of(5'000'000));
    channel.ours->send(frame_of(3));
    channel.ours->send(frame_of(2'000'000));
    std::string heard;
    std::thread other([&] {
        heard = channel.hear(all.size());
        asio::post(channel.context, [&] { channel.ours->close(); }); // ends the writer
    });
    channel.context.run();
    other.join();
    CHECK(heard == all);
}

TEST_CASE("frames are put together from the bytes that come, until the other side closes the channel") {
    Channel channel;
    const std::string two = frame_of(3) + frame_of(4);
    channel.on_frame = [&] {
        if (channel.frames.size() == 1) channel.say(two.substr(frame_of(3).size() + 2));
        if (channel.frames.size() == 2) channel.theirs.reset();
    };
    channel.say(two.substr(0, frame_of(3).size() + 2));
    CHECK(channel.read().empty());
    REQUIRE(channel.frames.size() == 2);
    CHECK(channel.frames[1] == frame_of(4).substr(kHeaderSize));
}

TEST_CASE("bytes that are no frame end the reading with a reason") {
    Channel channel;
    channel.say(std::string("\xff\xff\xff\xff\x11", 5));
    CHECK(!channel.read().empty());
    CHECK(channel.frames.empty());
}

TEST_CASE("close ends reading and writing, and nothing is sent any more") {
    Channel channel;
    spawn(channel.context.get_executor(), "writer", channel.ours->write());
    asio::post(channel.context, [&] { channel.ours->close(); });
    CHECK(channel.read().empty());
    channel.ours->send(frame_of(1));
    CHECK(channel.hear(1).empty());
    channel.context.restart();
    channel.context.run(); // the writer has ended too
}

TEST_CASE("the writer ends when the other side is gone") {
    Channel channel;
    channel.theirs.reset();
    channel.ours->send(frame_of(3));
    spawn(channel.context.get_executor(), "writer", channel.ours->write());
    channel.context.run();
    CHECK(channel.context.stopped());
}
