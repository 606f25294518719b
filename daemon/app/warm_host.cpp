#include "app/warm_host.hpp"

#include <algorithm>
#include <utility>

namespace angod::app {

namespace {

using Clock = std::chrono::steady_clock;

} // namespace

void WarmHost::ensure() {
    if (readiness_.is_eager()) spawn(executor_, "start of a host", start());
}

awaitable<void> WarmHost::wait_for_pause() {
    const auto now = Clock::now();
    pause_ = now - started_ > pauses_.steady ? pauses_.first : std::min(pause_ * 2, pauses_.longest);
    const auto at = now + std::max<Clock::duration>(hosts_.pause(), pause_);
    while (!is_stopped() && Clock::now() < at) co_await wake_.wait_until(at);
    started_ = Clock::now();
}

awaitable<void> WarmHost::start() {
    if (std::exchange(starting_, true)) co_return;
    for (bool started = false; !started;) {
        co_await wait_for_pause();
        const auto generation = readiness_.generation();
        // A plugin that gets ready starts a host by itself.
        if (readiness_.state() != ReadyState::serving || !generation) break;
        std::function<bool()> always = [] { return true; };
        const auto lease = co_await hosts_.acquire(generation, supervisor::Sharing::shared, Clock::time_point::max(),
                                                   std::move(always));
        started = lease.has_value();
        if (started || is_stopped()) break;
        log_.warning("no host could be started: {}", lease.error().text);
        if (lease.error().why == supervisor::AcquireFailure::host_died && readiness_.generation())
            hosts_.crashed(lease.error().text, *readiness_.generation());
    }
    starting_ = false;
}

} // namespace angod::app
