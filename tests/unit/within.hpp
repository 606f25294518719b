// Runs a test's coroutine, but not for ever.
#pragma once

#include "run_coroutine.hpp"

#include <doctest/doctest.h>

/// Fails the test if the coroutine has not ended after ten seconds.
inline void within_limit(boost::asio::io_context &context, boost::asio::awaitable<void> task) {
    using namespace boost::asio::experimental::awaitable_operators;
    bool in_time = false;
    const auto both = [](boost::asio::awaitable<void> work, bool &done) -> boost::asio::awaitable<void> {
        const auto first = co_await (std::move(work) || angod::pause(std::chrono::seconds(10)));
        done = first.index() == 0;
    };
    run_coroutine(context, both(std::move(task), in_time));
    REQUIRE(in_time);
}
