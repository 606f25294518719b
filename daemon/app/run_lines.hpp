// The lines in the log that tell of the start and the end of each run of a plugin.
//
// Runs that only read can be hundreds a second. Of those the first 20 in each second have lines of their own, and one line
// a second tells of all others.
#pragma once

#include "base/async.hpp"
#include "base/log.hpp"
#include "jobs/attempt.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace angod::app {

/// How the log tells of a run.
enum class RunTelling {
    not_at_all, ///< no host has begun with it
    own_lines,
    in_sum,
};

/// attempts: charged so far.
std::string begin_text(std::int64_t host_pid, std::int64_t attempts);
std::string end_text(const jobs::Attempt &attempt);

/// Event loop only.
class RunLines {
public:
    static constexpr std::uint64_t kOwnLines = 20; ///< in a second

    RunLines(asio::any_io_executor executor, Log log)
        : executor_(std::move(executor)), sum_(std::make_shared<Sum>(std::move(log))) {}
    RunLines(const RunLines &) = delete;
    RunLines &operator=(const RunLines &) = delete;

    /// A host begins with a run. With own_lines its caller tells of it, in the words of begin_text and end_text.
    RunTelling begins(bool effects);
    void ends_in_sum(jobs::AttemptEnd end, std::int64_t duration_ms);

private:
    /// Since the last line. Shared with the coroutine that writes it, which may outlast the plugin.
    struct Sum {
        explicit Sum(Log with) : log(std::move(with)) {}
        const Log log;
        std::uint64_t others = 0, succeeded = 0, failed = 0;
        std::int64_t longest_ms = 0;
        bool is_due = false;
    };
    void tell_later();
    static awaitable<void> tell(std::shared_ptr<Sum> sum);

    const asio::any_io_executor executor_;
    const std::shared_ptr<Sum> sum_;
    std::chrono::steady_clock::time_point second_; ///< that own_ counts
    std::uint64_t own_ = 0;                        ///< runs that only read and have lines of their own
};

} // namespace angod::app
