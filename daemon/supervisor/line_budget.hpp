// Bounds the number of lines that a module puts into angod's own log: a flood must not fill the disk. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace angod::supervisor {

class LineBudget {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr double kBurst = 200, kPerSecond = 20;

    /// Whether take would return true now.
    bool left(Clock::time_point now) {
        lines_ = std::min(kBurst, lines_ + kPerSecond * std::chrono::duration<double>(now - last_).count());
        last_ = now;
        return lines_ >= 1;
    }
    /// False: this line is left out.
    bool take(Clock::time_point now) {
        if (!left(now)) {
            ++left_out_;
            return false;
        }
        lines_ -= 1;
        return true;
    }
    void leave_out(std::size_t lines) { left_out_ += lines; }
    std::size_t left_out() const { return left_out_; }

private:
    double lines_ = kBurst;
    std::size_t left_out_ = 0;
    Clock::time_point last_{}; ///< of the last question; the budget is full before the first
};

} // namespace angod::supervisor
