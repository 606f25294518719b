// Whether angod starts, runs or stops, and the way to hear of it. Event loop only.
//
//   starting  → running   the modules were looked through, and the plugins start
//   starting  → draining  a signal or the admin API asked for the end before that
//   running   → draining  a signal or the admin API asked for the end
#pragma once

#include "admin/views.hpp"
#include "base/async.hpp"

#include <chrono>

namespace angod::app {

class Lifecycle {
public:
    explicit Lifecycle(const asio::any_io_executor &executor) : changed_(executor) {}

    admin::DaemonState state() const { return state_; }
    bool is_running() const { return state_ == admin::DaemonState::running; }
    bool is_stopping() const { return state_ == admin::DaemonState::draining; }

    /// Nothing happens if the end was asked for already.
    void run() {
        if (is_stopping()) return;
        state_ = admin::DaemonState::running;
        changed_.wake_all();
    }
    void request_stop() {
        state_ = admin::DaemonState::draining;
        changed_.wake_all();
    }

    /// Ends when angod is not starting any more.
    awaitable<void> started() {
        while (state_ == admin::DaemonState::starting) co_await changed_.wait();
    }
    awaitable<void> stop_requested() {
        while (!is_stopping()) co_await changed_.wait();
    }
    /// Ends at the deadline, or earlier when the state changes; at once if the end was asked for already.
    awaitable<void> pause_until(std::chrono::steady_clock::time_point deadline) {
        if (!is_stopping()) co_await changed_.wait_until(deadline);
    }

private:
    admin::DaemonState state_ = admin::DaemonState::starting;
    Signal changed_;
};

} // namespace angod::app
