// Lines of session logs, kept while there is no connection or while it is behind.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace angod::hub {

/// The last 256 lines of each job, and the number of lines that were dropped before them.
class LogBuffer {
public:
    static constexpr std::size_t kLines = 256;
    /// Limit for all jobs together. Beyond it the oldest lines of the job with the most lines are dropped.
    static constexpr std::size_t kBytes = 8u << 20;

    /// message: a whole "log" argument.
    void add(const std::string &job, std::string message);

    struct Kept {
        std::vector<std::string> messages;
        std::size_t dropped = 0;
    };
    /// Removes the job's lines and returns them.
    Kept take(const std::string &job);

    // One line at a time.
    std::size_t lines(const std::string &job) const;
    std::size_t dropped(const std::string &job) const;
    /// Removes the oldest line of a job that has one.
    std::string take_oldest(const std::string &job);
    /// Brings back the line that was taken last.
    void put_back(const std::string &job, std::string message);
    /// Drops the oldest lines of the job until only so many are left.
    void keep_last(const std::string &job, std::size_t lines);
    /// Counts from nothing again; returns how many lines were dropped so far.
    std::size_t take_dropped(const std::string &job);
    /// As if so many more lines had been dropped.
    void add_dropped(const std::string &job, std::size_t lines);

private:
    struct Lines {
        std::deque<std::string> messages;
        std::size_t dropped = 0;
    };
    void drop_oldest(Lines &lines);
    void limit_bytes();
    std::unordered_map<std::string, Lines> jobs_;
    std::size_t bytes_ = 0;
};

} // namespace angod::hub
