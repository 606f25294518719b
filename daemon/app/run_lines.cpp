#include "app/run_lines.hpp"

#include "base/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string seconds(std::int64_t ms) {
    return fmt::format("{:.{}f} s", static_cast<double>(ms) / 1000, ms < 10'000 ? 2 : 0);
}

} // namespace

std::string begin_text(std::int64_t host_pid, std::int64_t attempts) {
    return fmt::format("the run begins in host {}, {} charged attempt{} before it", host_pid, attempts,
                       plural(static_cast<std::size_t>(attempts)));
}

std::string end_text(const jobs::Attempt &attempt) {
    return fmt::format("the run's attempt ended as {} after {}{}", jobs::name_of(attempt.end),
                       seconds(attempt.duration_ms), attempt.reason.empty() ? "" : ": " + attempt.reason);
}

RunTelling RunLines::begins(bool effects) {
    if (effects) return RunTelling::own_lines;
    if (Clock::now() - second_ >= 1s) {
        second_ = Clock::now();
        own_ = 0;
    }
    if (++own_ <= kOwnLines) return RunTelling::own_lines;
    ++sum_->others;
    tell_later();
    return RunTelling::in_sum;
}

void RunLines::ends_in_sum(jobs::AttemptEnd end, std::int64_t duration_ms) {
    ++(end == jobs::AttemptEnd::succeeded ? sum_->succeeded : sum_->failed);
    sum_->longest_ms = std::max(sum_->longest_ms, duration_ms);
    tell_later();
}

void RunLines::tell_later() {
    if (!std::exchange(sum_->is_due, true)) spawn(executor_, "sums of runs", tell(sum_));
}

awaitable<void> RunLines::tell(std::shared_ptr<Sum> sum) {
    co_await pause(1s);
    sum->log.info(
        "in the last second {} further run{} that only read began; {} ended well and {} otherwise, the longest "
        "after {}",
        sum->others, plural(sum->others), sum->succeeded, sum->failed, seconds(sum->longest_ms));
    sum->others = sum->succeeded = sum->failed = 0;
    sum->longest_ms = 0;
    sum->is_due = false;
}

} // namespace angod::app
