// Keeps a module that logs without end from flooding Hub: a run has some hundred lines at once, then a few each second.
#pragma once

#include "host/job/job.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace angod::host {

/// The lines of one run. What is too much is left out and counted, but for the last lines of each while, and errors,
/// which pass at once as long as a budget of their own lasts. Lines keep their order. Any thread.
class LogLimit {
public:
    using Clock = std::chrono::steady_clock;
    using Send = std::function<void(LogLevel, std::string_view)>;

    static constexpr double kAtOnce = 500, kEachSecond = 20;
    static constexpr double kErrorsAtOnce = 100, kErrorsEachSecond = 5;
    /// So many of the last lines are kept while others are left out.
    static constexpr std::size_t kTail = 20;

    explicit LogLimit(Send send) : send_(std::move(send)) {}

    void line(LogLevel level, std::string_view text, Clock::time_point now = Clock::now());
    /// Sends what is kept: the run ends, or it is asked to.
    void flush();

private:
    struct Bucket {
        double most, each_second;
        double tokens = most;
        Clock::time_point filled = {};
        void fill(Clock::time_point now);
        bool take();
    };
    struct Line {
        LogLevel level = LogLevel::info;
        std::string text; ///< its memory is used again
    };
    void keep(LogLevel level, std::string_view text);
    void send_kept();

    Send send_;
    std::mutex mutex_; ///< of all below, and of the order of what is sent
    Bucket lines_{kAtOnce, kEachSecond}, errors_{kErrorsAtOnce, kErrorsEachSecond};
    std::array<Line, kTail> tail_;
    std::size_t kept_ = 0, next_ = 0; ///< in the tail; where the next one goes
    std::uint64_t left_out_ = 0;
};

} // namespace angod::host
