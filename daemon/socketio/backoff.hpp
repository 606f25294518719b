// How long to wait before connecting again.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace angod::socketio {

/// Doubles up to a cap, each wait random between nothing and that (full jitter), so that many clients of one
/// server do not come back together. Starts over only after a connection that has held for a minute.
class Backoff {
public:
    using Duration = std::chrono::milliseconds;
    static constexpr Duration kFirst{1000}, kCap{30000}, kStable{60000};

    explicit Backoff(std::uint32_t seed = std::random_device()()) : random_(seed) {}

    /// The next wait; live_for: how long the connection that ended had been accepted.
    Duration next(Duration live_for) {
        if (live_for >= kStable) limit_ = kFirst;
        const Duration wait{std::uniform_int_distribution<long>(0, limit_.count())(random_)};
        limit_ = std::min(kCap, limit_ * 2);
        return wait;
    }

private:
    Duration limit_ = kFirst;
    std::minstd_rand random_;
};

} // namespace angod::socketio
