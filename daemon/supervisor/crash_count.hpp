// Counts recent crashes, and says how long to wait before the next start. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>

namespace angod::supervisor {

/// "crash" of the configuration: this many crashes within this time are too many.
struct CrashLimit {
    std::size_t count = 3;
    std::chrono::seconds within{60};
};

class CrashCount {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kFirstPause{5}, kLongestPause{60};

    explicit CrashCount(CrashLimit limit = {}) : limit_(limit) {}

    /// True: that was one crash too many. Counting starts again, and each pause in a row is twice as long as the last.
    bool add(Clock::time_point now) {
        forget_old(now);
        crashes_.push_back(now);
        if (crashes_.size() < limit_.count) return false;
        crashes_.clear();
        pause_ = now - paused_until_ > limit_.within ? kFirstPause : std::min(pause_ * 2, kLongestPause);
        paused_until_ = now + pause_;
        return true;
    }
    /// The rest of the pause; zero if there is none.
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
