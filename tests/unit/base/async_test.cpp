#include "base/async.hpp"

#include "run_coroutine.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

using namespace angod;
using namespace std::chrono_literals;

namespace {

awaitable<void> wait_for(Signal &signal, int &woken) {
    co_await signal.wait();
    ++woken;
}

awaitable<void> wake_two(Signal &signal, int &woken) {
    spawn(co_await asio::this_coro::executor, "first", wait_for(signal, woken));
    spawn(co_await asio::this_coro::executor, "second", wait_for(signal, woken));
    co_await pause(1ms);
    CHECK(woken == 0);
    signal.wake_all();
    co_await pause(1ms);
}

awaitable<bool> wait_briefly(Signal &signal) {
    co_return co_await signal.wait_until(std::chrono::steady_clock::now() + 1ms);
}

awaitable<int> work_elsewhere(asio::thread_pool &pool, std::thread::id &there) {
    const auto work = [&there] {
        there = std::this_thread::get_id();
        return 42;
    };
    co_return co_await on_pool(pool, work);
}

awaitable<void> fail() {
    co_await pause(0ms);
    throw std::runtime_error("of a coroutine");
}

awaitable<void> start_failing() {
    spawn(co_await asio::this_coro::executor, "a test", fail());
    co_await pause(5ms);
}

} // namespace

TEST_CASE("a signal wakes all that wait, and nobody who comes later") {
    asio::io_context context;
    Signal signal(context.get_executor());
    int woken = 0;
    run_coroutine(context, wake_two(signal, woken));
    CHECK(woken == 2);
}

TEST_CASE("a wait ends at its deadline") {
    asio::io_context context;
    Signal signal(context.get_executor());
    CHECK(!run_coroutine(context, wait_briefly(signal)));
}

TEST_CASE("a signal may go before its waiters") {
    asio::io_context context;
    std::optional<Signal> signal(context.get_executor());
    int woken = 0;
    spawn(context.get_executor(), "waiter", wait_for(*signal, woken));
    context.poll();
    signal.reset();
    CHECK(woken == 0);
}

TEST_CASE("work on a pool runs on a thread of the pool, and its value comes back") {
    asio::io_context context;
    asio::thread_pool pool(1);
    std::thread::id there;
    CHECK(run_coroutine(context, work_elsewhere(pool, there)) == 42);
    CHECK(there != std::this_thread::get_id());
}

TEST_CASE("an exception of a spawned coroutine goes no further") {
    asio::io_context context;
    run_coroutine(context, start_failing());
}
