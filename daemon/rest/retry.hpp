// The policy for repeated calls: after 429, 5xx, transport errors and time-outs, with growing delays.
#pragma once

#include "base/cancel.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace angod::rest {

struct RetryPolicy {
    unsigned attempts = 6; ///< in all, the first one included
    std::chrono::milliseconds base_delay{500};
    std::chrono::milliseconds max_delay{30'000};
    std::chrono::milliseconds max_retry_after{120'000}; ///< the longest wait that a server may ask for
    std::chrono::milliseconds total{600'000};           ///< no further attempt after so long
};

/// Whether a status may pass by itself: 408, 429 and every 5xx but 501 and 505.
bool retryable(long status);
/// The same for a call that got no answer: network and timeout.
bool retryable(Code code);

/// Time and chance, as far as the policy needs them; tests bring their own.
struct RetryWorld {
    std::function<bool(std::chrono::milliseconds)> wait; ///< true: cancelled meanwhile
    std::function<std::chrono::steady_clock::time_point()> now;
    std::function<double()> random; ///< from 0 to below 1
};
/// The real one. cancel must outlive it.
RetryWorld real_world(const CancelToken &cancel);

/// Called before each wait with the failure, the length of the wait, and the number of the next attempt (from 2).
using OnRetry = std::function<void(std::string_view what, std::chrono::milliseconds delay, unsigned attempt)>;

/// The attempts of one call. One thread.
class Retry {
public:
    Retry(RetryPolicy policy, RetryWorld world, OnRetry on_retry = {});

    /// Call it after an attempt whose failure may pass. Waits, and returns whether to try again. False: the attempts or the
    /// time are used up, or the wait was cancelled.
    bool again(std::string_view what, std::optional<std::chrono::milliseconds> retry_after = {});
    /// This time does not count: no attempt could be made.
    void leave_out(std::chrono::steady_clock::duration time) { start_ += time; }
    /// The last attempt got further than the one before: counting starts again.
    void made_progress();
    unsigned failures() const { return failures_; }
    /// Text to append to the last failure once again() has returned false: " Tried 6 times. …"
    std::string last_words() const;

private:
    std::chrono::milliseconds delay(std::optional<std::chrono::milliseconds> retry_after) const;

    RetryPolicy policy_;
    RetryWorld world_;
    OnRetry on_retry_;
    unsigned failures_ = 0;
    std::chrono::steady_clock::time_point start_;
};

} // namespace angod::rest
