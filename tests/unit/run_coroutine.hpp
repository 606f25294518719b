// Runs a coroutine to its end on an event loop of its own.
#pragma once

#include "base/async.hpp"

#include <exception>
#include <optional>

template <class T> T run_coroutine(boost::asio::io_context &context, boost::asio::awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr failed;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr e, T v) {
        failed = e;
        value.emplace(std::move(v));
        context.stop();
    });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
    return std::move(*value);
}

inline void run_coroutine(boost::asio::io_context &context, boost::asio::awaitable<void> task) {
    std::exception_ptr failed;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr e) {
        failed = e;
        context.stop();
    });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
}
