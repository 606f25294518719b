// Limits the log lines of a run, so that a module that logs without end does not flood Hub: 500 lines at once, then 20
// each second.
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

/// The lines of one run. Lines over the limit are left out and counted, except the last kTail of them. Errors have
/// their own budget and pass at once while it lasts. Lines keep their order. Any thread.
class LogLimit {
public:
    using Clock = std::chrono::steady_clock;
    using Send = std::function<void(LogLevel, std::string_view)>;

    static constexpr double kAtOnce = 500, kEachSecond = 20;
    static constexpr double kErrorsAtOnce = 100, kErrorsEachSecond = 5;
    /// The number of last lines that are kept while others are left out.
    static constexpr std::size_t kTail = 20;

    explicit LogLimit(Send send) : send_(std::move(send)) {}

    void line(LogLevel level, std::string_view text, Clock::time_point now = Clock::now());
    /// Sends the kept lines. Call it when the run ends or a cancel begins.
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
        std::string text; ///< reused, to save allocations
    };
    void keep(LogLevel level, std::string_view text);
    void send_kept();

    Send send_;
    std::mutex mutex_; ///< protects all below, and the order of sent lines
    Bucket lines_{kAtOnce, kEachSecond}, errors_{kErrorsAtOnce, kErrorsEachSecond};
    std::array<Line, kTail> tail_;
    std::size_t kept_ = 0, next_ = 0; ///< lines in tail_; index of the next line
    std::uint64_t left_out_ = 0;
};

} // namespace angod::host
