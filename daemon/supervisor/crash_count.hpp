// How often something has crashed of late, and how long to wait before the next try. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>

namespace angod::supervisor {

/// "crash" of the configuration: so many crashes within the time are too many.
struct CrashLimit {
    std::size_t count = 3;
    std::chrono::seconds within{60};
};

class CrashCount {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kFirstPause{5}, kLongestPause{60};

    explicit CrashCount(CrashLimit limit = {}) : limit_(limit) {}

    /// True: that was one too many; counting starts anew, and each time in a row the pause is twice as long.
    bool add(Clock::time_point now) {
        forget_old(now);
        crashes_.push_back(now);
        if (crashes_.size() < limit_.count) return false;
        crashes_.clear();
        pause_ = now - paused_until_ > limit_.within ? kFirstPause : std::min(pause_ * 2, kLongestPause);
        paused_until_ = now + pause_;
        return true;
    }
    /// How long to wait yet.
    Clock::duration pause(Clock::time_point now) const {
        return std::max(paused_until_ - now, Clock::duration::zero());
    }

private:
    void forget_old(Clock::time_point now) {
        while (!crashes_.empty() && now - crashes_.front() > limit_.within) crashes_.pop_front();
    }

    CrashLimit limit_;
    std::deque<Clock::time_point> crashes_;
    std::chrono::seconds pause_ = kFirstPause;
    Clock::time_point paused_until_{};
};

} // namespace angod::supervisor
