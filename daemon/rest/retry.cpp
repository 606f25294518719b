#include "rest/retry.hpp"

#include "base/http_date.hpp"

#include <algorithm>
#include <random>
#include <string>

namespace angod::rest {

using std::chrono::milliseconds;

bool retryable(long status) {
    if (status == 408 || status == 429) return true;
    return status >= 500 && status != 501 && status != 505;
}

bool retryable(Code code) { return code == Code::network || code == Code::timeout; }

RetryWorld real_world(const CancelToken &cancel) {
    return {[&cancel](milliseconds time) { return cancel.wait_for(time); },
            [] { return std::chrono::steady_clock::now(); },
            [] {
                std::random_device device;
                return std::uniform_real_distribution<double>(0, 1)(device);
            }};
}

Retry::Retry(RetryPolicy policy, RetryWorld world, OnRetry on_retry)
    : policy_(policy), world_(std::move(world)), on_retry_(std::move(on_retry)), start_(world_.now()) {}

milliseconds Retry::delay(std::optional<milliseconds> retry_after) const {
    double full = static_cast<double>(policy_.base_delay.count());
    for (unsigned i = 1; i < failures_ && full < static_cast<double>(policy_.max_delay.count()); ++i) full *= 2;
    full = std::min(full, static_cast<double>(policy_.max_delay.count()));
    // Half fixed, half random, so that jobs that failed together do not repeat their calls together.
    milliseconds wait(static_cast<std::int64_t>(full * (0.5 + 0.5 * world_.random())));
    if (retry_after) wait = std::max(wait, std::min(*retry_after, policy_.max_retry_after));
    return wait;
}

bool Retry::again(std::string_view what, std::optional<milliseconds> retry_after) {
    if (++failures_ >= policy_.attempts) return false;
    const milliseconds wait = delay(retry_after);
    if (world_.now() + wait - start_ > policy_.total) return false;
    if (on_retry_) on_retry_(what, wait, failures_ + 1);
    return !world_.wait(wait);
}

std::string Retry::last_words() const {
    const std::string tried = failures_ > 1 ? " Tried " + std::to_string(failures_) + " times." : "";
    return tried + " Run the plugin again later.";
}

void Retry::made_progress() {
    failures_ = 0;
    start_ = world_.now();
}

} // namespace angod::rest
