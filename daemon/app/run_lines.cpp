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

bool RunLines::begins(const Log &of_run, const jobs::Job &job, const AttemptRecord &attempt) {
    if (!job.effects) {
        if (Clock::now() - second_ >= 1s) {
            second_ = Clock::now();
            own_ = 0;
        }
        if (++own_ > kOwnLines) {
            ++others_;
            sum_up_later();
            return false;
        }
    }
    const jobs::AttemptPtr begun = attempt.take();
    of_run.info("the run begins in host {}, {} charged attempt{} before it", begun->host_pid, job.attempts,
                plural(static_cast<std::size_t>(job.attempts)));
    return true;
}

void RunLines::ends(const Log &of_run, bool is_told, const jobs::Attempt &attempt) {
    if (is_told)
        return of_run.info("the run's attempt ended as {} after {}{}", jobs::name_of(attempt.end),
                           seconds(attempt.duration_ms), attempt.reason.empty() ? "" : ": " + attempt.reason);
    ++(attempt.end == jobs::AttemptEnd::succeeded ? succeeded_ : failed_);
    longest_ms_ = std::max(longest_ms_, attempt.duration_ms);
    sum_up_later();
}

void RunLines::sum_up_later() {
    if (!std::exchange(sums_up_, true)) spawn(executor_, "sums of runs", sum_up());
}

awaitable<void> RunLines::sum_up() {
    co_await pause(1s);
    log_.info("in the last second {} further run{} that only read began; {} ended well and {} otherwise, the longest "
              "after {}",
              others_, plural(others_), succeeded_, failed_, seconds(longest_ms_));
    others_ = succeeded_ = failed_ = 0;
    longest_ms_ = 0;
    sums_up_ = false;
}

} // namespace angod::app
