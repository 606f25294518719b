#include "app/housekeeping.hpp"

#include "base/service.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kTidyEvery = 10min;
constexpr auto kCompactEvery = 5s;
constexpr auto kLong = 2s;
constexpr auto kCompactAgain = 1min; ///< after a failure

} // namespace

awaitable<void> Housekeeping::run() {
    while (!use_.lifecycle.is_stopping()) {
        if (Clock::now() >= next_tidy_) co_await tidy();
        if (may_compact()) co_await compact();
        co_await note_long_runs();
        co_await use_.lifecycle.pause_until(Clock::now() + kCompactEvery);
    }
}

awaitable<void> Housekeeping::tidy() {
    next_tidy_ = Clock::now() + kTidyEvery;
    if (const auto done = co_await use_.store.tidy(use_.config.retention_days); !done)
        Log().error("{}", done.error().text);
    use_.plugins.tidy();
    tidy_counters();
}

void Housekeeping::tidy_counters() {
    std::set<std::string> plugins, modules;
    for (const auto &[name, plugin] : use_.plugins.all()) {
        plugins.insert(name);
        modules.insert(plugin->configuration().module);
    }
    for (const auto &module : use_.modules.views()) modules.insert(module.id);
    use_.counters.keep(plugins, modules);
}

/// When nothing is open, no API key should be left in the write-ahead log either.
bool Housekeeping::may_compact() const {
    const auto counts = use_.queue.counts();
    return counts.queued + counts.running + counts.answering == 0 && use_.queue.changes() != compacted_ &&
           Clock::now() >= next_compact_;
}

awaitable<void> Housekeeping::compact() {
    const auto changes = use_.queue.changes();
    const auto done = co_await use_.store.compact();
    if (done) {
        compacted_ = changes;
    } else {
        next_compact_ = Clock::now() + kCompactAgain;
        if (!compact_failed_) Log().warning("{}; it is tried again every minute", done.error().text);
    }
    compact_failed_ = !done;
}

/// A kill of angod leaves no time to note them.
awaitable<void> Housekeeping::note_long_runs() {
    std::vector<std::shared_ptr<Run>> runs;
    for (const auto &[id, run] : use_.runs) runs.push_back(run);
    for (const auto &run : runs) {
        auto attempt = run->became_long(kLong); // asked now: it may have ended while another one was noted
        if (!attempt) continue;
        const jobs::JobPtr job = run->job();
        const auto noted = co_await use_.queue.note_attempt(job, std::move(attempt));
        if (!noted)
            Log()
                .with("job", job->id)
                .warning("the store does not tell that a host works on the run: {}", noted.error().text);
    }
}

awaitable<void> feed_watchdog(jobs::Store &store, std::chrono::microseconds patience) {
    const std::string nothing;
    while (co_await pause(patience / 3)) {
        const auto answered = co_await store.is_ready(nothing);
        static_cast<void>(answered);
        service::alive();
    }
}

} // namespace angod::app
