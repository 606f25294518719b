#include "base/channel.hpp"

#include "printing.hpp"
#include "run_coroutine.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <unistd.h>

#include <string>
#include <thread>

using namespace angod;

namespace {

awaitable<void> read_all(ChannelStream &stream, std::string &got) {
    co_await asio::async_read(stream, asio::buffer(got), as_value);
}

} // namespace

TEST_CASE("bytes go both ways, and the end of one side is seen by the other") {
    asio::io_context context;
    auto pair = make_channel(context.get_executor());
    REQUIRE(pair);
    CHECK(pair->theirs.usable());
    CHECK(write_what_fits(pair->ours, "to the host") == 11);
    char buffer[64];
    const auto came = pair->theirs.read_some(buffer, sizeof buffer);
    REQUIRE(came);
    CHECK(std::string_view(buffer, *came) == "to the host");
    REQUIRE(pair->theirs.write("back", 4));
    std::string answer(4, '\0');
    run_coroutine(context, read_all(pair->ours, answer));
    CHECK(answer == "back");
    pair->ours.close();
    const auto end = pair->theirs.read_some(buffer, sizeof buffer);
    REQUIRE(end);
    CHECK(*end == 0);
}

TEST_CASE("a write that does not fit is cut, not waited for") {
    asio::io_context context;
    auto pair = make_channel(context.get_executor());
    REQUIRE(pair);
    const std::string much(16 << 20, 'x');
    const std::size_t fitted = write_what_fits(pair->ours, much);
    CHECK(fitted > 0);
    CHECK(fitted < much.size());
    CHECK(write_what_fits(pair->ours, much) == 0);
}

TEST_CASE("a blocking write of the host is whole, however long it is") {
    asio::io_context context;
    auto pair = make_channel(context.get_executor());
    REQUIRE(pair);
    const std::string much(4 << 20, 'x');
    std::thread host([&] { CHECK(pair->theirs.write(much.data(), much.size())); });
    std::string got(much.size(), '\0');
    run_coroutine(context, read_all(pair->ours, got));
    host.join();
    CHECK(got == much);
}

TEST_CASE("a host that writes to a channel without other side gets an error") {
    asio::io_context context;
    auto pair = make_channel(context.get_executor());
    REQUIRE(pair);
    pair->ours.close();
    CHECK(!pair->theirs.write("x", 1));
}

TEST_CASE("a handle that another part of the process has put something else in is no channel any more") {
    asio::io_context context;
    auto pair = make_channel(context.get_executor());
    REQUIRE(pair);
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    REQUIRE(::dup2(pipe[0], pair->theirs.native()) >= 0);
    CHECK(!pair->theirs.usable());
    ::close(pipe[0]);
    ::close(pipe[1]);
}
