#include "printing.hpp"
#include "run_coroutine.hpp"
#include "socketio/connect_first.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::socketio;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

const asio::ip::address kFirst = asio::ip::make_address("127.0.0.1"), kSecond = asio::ip::make_address("127.0.0.2");

/// Several addresses of this machine with one port between them.
struct Machine {
    asio::io_context context;
    tcp::acceptor first{context, tcp::endpoint(kFirst, 0)};
    std::uint16_t port = first.local_endpoint().port();
    tcp::acceptor second{context};
    std::vector<tcp::socket> filling;

    void listen_on_second(int backlog) {
        const tcp::endpoint at(kSecond, port);
        second.open(at.protocol());
        second.set_option(tcp::acceptor::reuse_address(true));
        second.bind(at);
        second.listen(backlog);
    }
    /// From now on attempts to connect to it get no answer: nobody accepts, and its queue is full.
    void silence_second() {
        listen_on_second(0);
        for (int i = 0; i < 4; ++i) {
            filling.emplace_back(context);
            filling.back().async_connect({kSecond, port}, asio::detached);
        }
    }
    Result<tcp::socket> connect(Addresses addresses, std::chrono::milliseconds limit = 10s) {
        std::optional<Result<tcp::socket>> result;
        const auto task = [&]() -> awaitable<void> {
            result.emplace(co_await connect_first(addresses, port, std::chrono::steady_clock::now() + limit));
        };
        run_coroutine(context, task());
        return std::move(*result);
    }
};

} // namespace

TEST_CASE("an address that refuses costs nothing: the next one is connected to") {
    Machine machine;
    const auto socket = machine.connect({kSecond, kFirst});
    REQUIRE(socket);
    CHECK(socket->remote_endpoint().address() == kFirst);
    CHECK(socket->non_blocking());
}

TEST_CASE("an address that says nothing does not keep the next one from its turn") {
    Machine machine;
    machine.silence_second();
    const auto socket = machine.connect({kSecond, kFirst});
    REQUIRE(socket);
    CHECK(socket->remote_endpoint().address() == kFirst);
}

TEST_CASE("the first address is taken if it answers") {
    Machine machine;
    machine.listen_on_second(10);
    for (const auto &[one, other] : {std::pair(kFirst, kSecond), std::pair(kSecond, kFirst)}) {
        const auto socket = machine.connect({one, other});
        REQUIRE(socket);
        CHECK(socket->remote_endpoint().address() == one);
    }
}

TEST_CASE("when nobody answers, what became of each address is told") {
    Machine machine;
    machine.first.close();
    CHECK(machine.connect({kFirst}).error().text == "Connection refused");
    CHECK(machine.connect({kFirst, kSecond}).error().text ==
          "127.0.0.1: Connection refused; 127.0.0.2: Connection refused");
    machine.silence_second();
    const auto silent = machine.connect({kSecond}, 100ms);
    CHECK(silent.error().code == Code::timeout);
    CHECK(silent.error().text == "no answer to the connection attempt");
    CHECK(machine.connect({kFirst, kSecond}, 100ms).error().text ==
          "127.0.0.1: Connection refused; 127.0.0.2: no answer");
}

TEST_CASE("a race that is given up ends at once and leaves nothing behind") {
    using namespace asio::experimental::awaitable_operators;
    Machine machine;
    machine.silence_second();
    const Addresses silent{kSecond};
    std::size_t first = 99;
    const auto task = [&]() -> awaitable<void> {
        const auto winner =
            co_await (connect_first(silent, machine.port, std::chrono::steady_clock::now() + 1h) || pause(10ms));
        first = winner.index();
    };
    run_coroutine(machine.context, task());
    CHECK(first == 1);
    machine.first.close();
    machine.filling.clear();
    machine.context.restart();
    machine.context.run_for(10s); // ends earlier: no operation is left
    CHECK(machine.context.stopped());
}
