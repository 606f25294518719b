#include "host/process/log_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace angod::host {

void LogLimit::Bucket::fill(Clock::time_point now) {
    if (filled != Clock::time_point() && now > filled)
        tokens = std::min(most, tokens + std::chrono::duration<double>(now - filled).count() * each_second);
    filled = std::max(filled, now);
}

bool LogLimit::Bucket::take() {
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
}

void LogLimit::line(LogLevel level, std::string_view text, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    lines_.fill(now);
    errors_.fill(now);
    if (level == LogLevel::error && errors_.take()) {
        send_kept();
        return send_(level, text);
    }
    if (kept_ == 0 && lines_.take()) return send_(level, text);
    keep(level, text);
    // Wait until there is room for the whole tail. If kept lines were sent one by one, each would have its own count.
    if (lines_.tokens < static_cast<double>(kTail)) return;
    lines_.tokens -= static_cast<double>(kTail);
    send_kept();
}

void LogLimit::flush() {
    const std::lock_guard lock(mutex_);
    send_kept();
}

void LogLimit::keep(LogLevel level, std::string_view text) {
    tail_[next_].level = level;
    tail_[next_].text.assign(text);
    next_ = (next_ + 1) % kTail;
    if (kept_ < kTail)
        ++kept_;
    else
        ++left_out_;
}

void LogLimit::send_kept() {
    if (const auto count = std::exchange(left_out_, 0); count > 0)
        send_(LogLevel::warning, fmt::format("{} line{} of the plugin {} left out here because it logs too fast", count,
                                             count == 1 ? "" : "s", count == 1 ? "was" : "were"));
    for (std::size_t i = kTail - kept_; i < kTail; ++i) {
        const Line &kept = tail_[(next_ + i) % kTail];
        send_(kept.level, kept.text);
    }
    kept_ = 0;
}

} // namespace angod::host
