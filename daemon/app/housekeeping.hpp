// The regular work while angod runs: it removes old jobs and folds the store's log into the database. Event loop only.
#pragma once

#include "app/counters.hpp"
#include "app/lifecycle.hpp"
#include "app/plugins.hpp"
#include "base/async.hpp"
#include "config/config.hpp"
#include "jobs/queue.hpp"
#include "jobs/store.hpp"
#include "supervisor/modules.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace angod::app {

class Housekeeping {
public:
    /// All of it outlives the housekeeping.
    struct Neighbours {
        Lifecycle &lifecycle;
        const config::Config &config;
        jobs::Store &store;
        jobs::Queue &queue;
        Plugins &plugins;
        const supervisor::Modules &modules;
        Counters &counters;
        const Runs &runs;
    };
    explicit Housekeeping(Neighbours neighbours) : use_(neighbours) {}

    /// Until angod stops.
    awaitable<void> run();

private:
    awaitable<void> tidy();
    void tidy_counters();
    bool may_compact() const;
    awaitable<void> compact();
    awaitable<void> note_long_runs();

    const Neighbours use_;
    std::chrono::steady_clock::time_point next_tidy_{}, next_compact_{};
    std::optional<std::uint64_t> compacted_; ///< Queue::changes at the last time; nothing: not yet since the start
    bool compact_failed_ = false;            ///< the last time, and that is told
};

/// Tells the service manager's watchdog that angod lives: the event loop turns, and the store's thread answers, be it
/// with an error. Never ends.
awaitable<void> feed_watchdog(jobs::Store &store, std::chrono::microseconds patience);

} // namespace angod::app
