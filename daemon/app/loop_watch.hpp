// Measures how long the event loop is held up. While it is, nothing of angod goes on: no run, no heartbeat, no answer to an
// operator.
//
// A thread of its own asks the loop ten times a second for a sign of life and measures how long it takes. Time in which the
// process was stopped, or the loop was ready and had no processor, does not count: that is not angod's doing.
#pragma once

#include "base/async.hpp"
#include "base/log.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace angod::app {

struct LoopStalls {
    std::chrono::milliseconds longest{0};
    std::int64_t longest_at_ms = 0; ///< when the longest ended, in milliseconds since 1970
    std::uint64_t count = 0;        ///< of those that were told
    std::uint64_t answers = 0;      ///< signs of life so far
    std::string where;              ///< of the longest of those that were told; empty: none was
};

class LoopWatch {
public:
    struct Options {
        std::chrono::milliseconds tell_after; ///< a longer stall is told in the log
        std::chrono::milliseconds tell_again; ///< while it lasts; told once more
    };
    static Options usual();

    /// On the loop's thread. Begins to measure.
    LoopWatch(asio::any_io_executor loop, Options options, Log log);
    LoopWatch(const LoopWatch &) = delete;
    LoopWatch &operator=(const LoopWatch &) = delete;
    /// The loop need not run any more.
    ~LoopWatch();

    /// Any thread.
    LoopStalls stalls() const;

private:
    struct State;
    void follow();

    const std::shared_ptr<State> state_;
    std::thread thread_;
};

} // namespace angod::app
