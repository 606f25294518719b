// The session log of one run, as far as it has not reached Hub: which line goes next, and when it may.
//
// Pure: the caller brings the time. The lines themselves lie in a hub::LogBuffer, which bounds those of all runs together.
#pragma once

#include "hub/log_buffer.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace angod::connector {

class SessionLog {
public:
    using Time = std::chrono::steady_clock::time_point;
    // Hub's API takes 100 calls a minute with one key, and the module makes some of them.
    static constexpr unsigned kBurst = 20;
    static constexpr std::chrono::seconds kLineEvery{2};
    /// So many lines are sent before an answer that is ready.
    static constexpr std::size_t kLastLines = 20;

    struct Line {
        std::string message;     ///< a whole "log" argument
        std::size_t dropped = 0; ///< the line tells that so many are missing
    };

    /// buffer outlives it.
    SessionLog(hub::LogBuffer &buffer, std::string key, std::string_view context, Time now);

    /// The run has ended: only the last lines are still to go. From now on a line tells how many were dropped.
    void keep_last_lines();
    void add(std::string message) { buffer_.add(key_, std::move(message)); }
    void clear() { buffer_.take(key_); }

    bool empty() const;
    /// When the pace allows the next line; not later than now if it does already.
    Time next_at(Time now);
    Line take(Time now);
    /// The line that was taken last could not be sent.
    void put_back(Line line);

private:
    bool tells_of_dropped() const { return run_ended_ && buffer_.dropped(key_) > 0; }
    void refill(Time now);

    hub::LogBuffer &buffer_;
    const std::string key_, context_;
    bool run_ended_ = false;
    double tokens_ = kBurst; ///< lines that may be sent at once
    Time tokens_at_;
};

} // namespace angod::connector
