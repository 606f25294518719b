// Keeps a host of an eager plugin running, so that no run has to wait for its start. Event loop only.
#pragma once

#include "app/hosts.hpp"
#include "app/readiness.hpp"
#include "base/async.hpp"

#include <chrono>

namespace angod::app {

class WarmHost {
public:
    /// Before a host is started again. The pause doubles as long as hosts do not live for steady.
    struct Pauses {
        std::chrono::milliseconds first{1'000}, longest{60'000}, steady{120'000};
    };
    /// Both outlive it. log: of the plugin.
    WarmHost(const asio::any_io_executor &executor, Hosts &hosts, const Readiness &readiness, Log log)
        : WarmHost(executor, hosts, readiness, std::move(log), Pauses()) {}
    WarmHost(const asio::any_io_executor &executor, Hosts &hosts, const Readiness &readiness, Log log, Pauses pauses)
        : executor_(executor),
          hosts_(hosts),
          readiness_(readiness),
          log_(std::move(log)),
          pauses_(pauses),
          pause_(pauses.first),
          wake_(executor) {}

    /// Starts a host if the plugin is eager, after a pause that grows while hosts die soon after their start.
    void ensure();
    /// A host is being started, or its pause is under way.
    bool is_starting() const { return starting_; }
    /// Looks again at whether the plugin was stopped.
    void wake() { wake_.wake_all(); }

private:
    awaitable<void> start();
    awaitable<void> wait_for_pause();
    bool is_stopped() const { return readiness_.state() == ReadyState::stopped; }

    asio::any_io_executor executor_;
    Hosts &hosts_;
    const Readiness &readiness_;
    Log log_;
    const Pauses pauses_;
    bool starting_ = false;
    std::chrono::milliseconds pause_;
    std::chrono::steady_clock::time_point started_{}; ///< the last host
    Signal wake_;
};

} // namespace angod::app
