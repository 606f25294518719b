// Helpers for coroutines. Everything runs on the one thread of the event loop, except work that on_pool hands to a pool.
//
// GCC 12 destroys a temporary twice if it is a lambda with captures, or a struct made with braces, that stands
// inside a co_await expression, and mixes up the values of ?: with a co_await in it. Give such things names, hand
// them over by reference or std::move, and use if.
#pragma once

#include "base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace angod {

namespace asio = boost::asio;
using asio::awaitable;

/// Asio's errors as values: auto [failed, n] = co_await stream.async_read_some(buffer, as_value);
inline constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

/// Starts a coroutine without waiting for it. It must own everything that it uses. An exception that leaves it is a bug: it is
/// logged under the coroutine's name and goes no further.
template <class Executor, class T> void spawn(const Executor &executor, std::string name, awaitable<T> task) {
    asio::co_spawn(executor, std::move(task), [name = std::move(name)](std::exception_ptr failed, auto &&...) {
        if (!failed) return;
        try {
            std::rethrow_exception(failed);
        } catch (const std::exception &e) {
            Log().error("internal error in {}: {}", name, e.what());
        } catch (...) {
            Log().error("internal error in {}", name);
        }
    });
}

/// Runs work on a thread of the pool and returns to the event loop with its value. work may use everything that the caller
/// owns, because the caller waits. It must not throw.
template <class Work> auto on_pool(asio::thread_pool &pool, Work work) -> awaitable<decltype(work())> {
    const auto executor = co_await asio::this_coro::executor;
    std::optional<decltype(work())> value;
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [&](auto handler) {
            // The loop must not run dry while only the pool has work.
            auto outstanding = asio::prefer(executor, asio::execution::outstanding_work.tracked);
            asio::post(pool,
                       [&value, &work, outstanding, shared = std::make_shared<decltype(handler)>(std::move(handler))] {
                           value.emplace(work());
                           asio::post(outstanding, [shared] { std::move (*shared)(); });
                       });
        },
        asio::use_awaitable);
    co_return std::move(*value);
}

/// False if the wait was cancelled.
inline awaitable<bool> pause(std::chrono::steady_clock::duration time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    const auto [failed] = co_await timer.async_wait(as_value);
    co_return !failed;
}

/// Coroutines wait for it, and wake_all ends every wait that is under way. Wake-ups can be spurious: wait in a loop over the
/// condition itself. If it is destroyed, its waiters are never woken.
class Signal {
public:
    explicit Signal(asio::any_io_executor executor) : executor_(std::move(executor)) {}
    Signal(const Signal &) = delete;
    Signal &operator=(const Signal &) = delete;
    awaitable<void> wait() { co_await wait_until(std::chrono::steady_clock::time_point::max()); }
    /// False if the deadline came first.
    awaitable<bool> wait_until(std::chrono::steady_clock::time_point deadline) {
        Waiter waiter(executor_, deadline);
        waiters_.push_back(waiter);
        const auto [failed] = co_await waiter.timer.async_wait(as_value);
        co_return static_cast<bool>(failed);
    }
    void wake_all() {
        for (Waiter &waiter : waiters_) waiter.timer.cancel();
    }

private:
    // Lives in the waiting coroutine and leaves the list by itself, even when the signal is destroyed first.
    struct Waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        Waiter(const asio::any_io_executor &executor, std::chrono::steady_clock::time_point deadline)
            : timer(executor, deadline) {}
        asio::steady_timer timer;
    };
    asio::any_io_executor executor_;
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;
};

} // namespace angod
