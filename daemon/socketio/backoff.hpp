// How long to wait before connecting again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace angod::socketio {

/// The limit doubles up to a cap, and each wait is random between nothing and the limit (full jitter), so that many clients
/// of one server do not come back together. It starts over only after a connection that held for a minute.
class Backoff {
public:
    using Duration = std::chrono::milliseconds;
    static constexpr Duration kFirst{1000}, kCap{30000}, kStable{60000};

    explicit Backoff(std::uint32_t seed = std::random_device()(), Duration first = kFirst)
        : first_(first), limit_(first), random_(seed) {}

    /// The next wait. live_for: how long the connection that ended had been live.
    Duration next(Duration live_for) {
        if (live_for >= kStable) limit_ = first_;
        const Duration wait{std::uniform_int_distribution<long>(0, limit_.count())(random_)};
        limit_ = std::min(kCap, limit_ * 2);
        return wait;
    }

private:
    Duration first_, limit_;
    std::minstd_rand random_;
};

} // namespace angod::socketio
