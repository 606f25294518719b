// The output of one host, that is what it prints and what its module logs outside of a job: it goes to angod's log in
// lines, without secrets and within a budget. The last lines are kept for the report of the host's end. Pure.
#pragma once

#include "base/log.hpp"
#include "supervisor/line_budget.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace angod::supervisor {

class HostOutput {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t kLastLines = 20, kLineBytes = 2000;
    /// A longer line is cut: its parts become lines of their own.
    static constexpr std::size_t kMaxLine = 16 * 1024;
    /// Secrets of ended jobs are remembered: what those jobs printed may still be in the pipe.
    static constexpr std::size_t kEndedSecrets = 64;

    explicit HostOutput(Log log) : log_(std::move(log)) {}

    /// A job has begun whose secrets must not be seen.
    void job_began(const std::string &job, std::vector<std::string> secrets) { secrets_[job] = std::move(secrets); }
    void job_ended(const std::string &job);

    /// Bytes from stdout or stderr.
    void printed(std::string_view bytes, Clock::time_point now);
    /// No more bytes come.
    void ended(Clock::time_point now);
    /// A line that the module logged outside of a job. level: as in the C interface.
    void logged(std::uint32_t level, std::string_view text, Clock::time_point now);

    /// "; it printed: first | second"; empty if nothing was printed.
    std::string last_words() const;
    /// Lines that did not go to the log.
    std::size_t left_out() const { return budget_.left_out(); }

private:
    std::vector<std::string> secrets() const;
    void keep(std::string_view line, const std::vector<std::string> &hidden, Clock::time_point now);

    Log log_;
    LineBudget budget_;
    std::string line_; ///< the last line, as far as it has come
    std::deque<std::string> last_lines_;
    std::map<std::string, std::vector<std::string>> secrets_; ///< of running jobs, by job id
    std::deque<std::string> ended_secrets_;
};

} // namespace angod::supervisor
