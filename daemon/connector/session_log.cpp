#include "connector/session_log.hpp"

#include "hub/messages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::connector {

SessionLog::SessionLog(hub::LogBuffer &buffer, std::string key, std::string_view context, Time now)
    : buffer_(buffer), key_(std::move(key)), context_(context), tokens_at_(now) {}

void SessionLog::keep_last_lines() {
    run_ended_ = true;
    buffer_.keep_last(key_, kLastLines);
}

bool SessionLog::empty() const { return buffer_.lines(key_) == 0 && !tells_of_dropped(); }

void SessionLog::refill(Time now) {
    const double more = (now - tokens_at_) / std::chrono::duration<double>(kLineEvery);
    if (more < 1) return;
    tokens_ = std::min<double>(kBurst, tokens_ + more);
    tokens_at_ = now;
}

SessionLog::Time SessionLog::next_at(Time now) {
    refill(now);
    return tokens_ < 1 ? tokens_at_ + kLineEvery : now;
}

SessionLog::Line SessionLog::take(Time now) {
    refill(now);
    tokens_ -= 1;
    if (!tells_of_dropped()) return {buffer_.take_oldest(key_)};
    const std::size_t dropped = buffer_.take_dropped(key_);
    return {hub::log_message(
                context_, hub::LogLevel::warning,
                fmt::format("{} earlier lines of this run were dropped: Hub accepts only a limited number a minute",
                            dropped)),
            dropped};
}

void SessionLog::put_back(Line line) {
    if (line.dropped > 0)
        buffer_.add_dropped(key_, line.dropped);
    else
        buffer_.put_back(key_, std::move(line.message));
}

} // namespace angod::connector
