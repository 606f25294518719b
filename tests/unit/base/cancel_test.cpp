#include "base/cancel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

using namespace angod;
using namespace std::chrono_literals;

TEST_CASE("a cancel ends a wait on another thread") {
    CancelToken token;
    std::thread other([&] { token.cancel(); });
    CHECK(token.wait_for(1h));
    other.join();
    CHECK(token.cancelled());
}

TEST_CASE("the callback is called once, also when it is set after the cancel") {
    CancelToken token;
    int before = 0, after = 0;
    token.on_cancel([&] { ++before; });
    token.cancel();
    token.cancel();
    token.on_cancel([&] { ++after; });
    CHECK(before == 1);
    CHECK(after == 1);
}

TEST_CASE("a removed callback is not called") {
    CancelToken token;
    bool called = false;
    token.on_cancel([&] { called = true; });
    token.on_cancel(nullptr);
    token.cancel();
    CHECK(!called);
}

TEST_CASE("a callback that is running when it is removed has ended when the removal returns") {
    CancelToken token;
    std::promise<void> started, removed;
    std::atomic<bool> ended{false};
    token.on_cancel([&] {
        started.set_value();
        removed.get_future().wait_for(100ms); // a removal that does not wait comes first
        ended = true;
    });
    std::thread other([&] { token.cancel(); });
    started.get_future().wait();
    token.on_cancel(nullptr);
    CHECK(ended);
    removed.set_value();
    other.join();
}
