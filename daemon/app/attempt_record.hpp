// One try at a job, as it is remembered: where and when it ran, how it ended, and the last lines of its session log.
#pragma once

#include "base/clock.hpp"
#include "hub/messages.hpp"
#include "jobs/attempt.hpp"

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace angod::app {

/// The last lines of a log, bounded in number and bytes.
class LastLines {
public:
    static constexpr std::size_t kMostLines = 20, kMostBytes = 4096, kLongestLine = 300;

    void add(hub::LogLevel level, std::string_view text);
    /// The oldest first, each with its level, separated by line ends.
    std::string text() const;

private:
    std::list<std::string> lines_; ///< empty for most runs: a deque takes 600 bytes
    std::size_t bytes_ = 0;
};

/// Event loop only.
class AttemptRecord {
public:
    using Clock = std::chrono::steady_clock;

    /// A host takes the job. pid 0: none could be started.
    void begin(std::uint64_t generation, std::string version, std::int64_t pid);
    bool has_begun() const { return attempt_.started_ms > 0; }
    Clock::duration age() const { return Clock::now() - started_; }
    std::uint64_t generation() const { return attempt_.generation; }
    void line(hub::LogLevel level, std::string_view text) { log_.add(level, text); }

    /// How it ends. The first call counts: later ones know less.
    void ends(jobs::AttemptEnd end, std::string reason);
    jobs::AttemptEnd end() const { return attempt_.end; }
    /// Since it began.
    std::int64_t duration_ms() const;

    /// As it is now; null if it has not begun.
    jobs::AttemptPtr take() const;
    /// True once: it goes on since `after`, and the store is to know of it.
    bool becomes_long(Clock::duration after);
    bool is_long() const { return is_long_; }

private:
    jobs::Attempt attempt_;
    Clock::time_point started_;
    LastLines log_;
    bool is_long_ = false;
};

} // namespace angod::app
