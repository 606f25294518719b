#include "base/cancel.hpp"

#include <doctest/doctest.h>

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
