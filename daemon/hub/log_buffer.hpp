// Lines for users of Hub, kept while there is no connection or while it is behind.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace angod::hub {

/// The last 256 lines of each job, and how many more there were.
class LogBuffer {
public:
    static constexpr std::size_t kLines = 256;
    /// For all jobs together; beyond it the oldest lines of the longest job go.
    static constexpr std::size_t kBytes = 8u << 20;

    /// message: a whole "log" argument.
    void add(const std::string &job, std::string message);

    struct Kept {
        std::vector<std::string> messages;
        std::size_t dropped = 0;
    };
    /// The lines of a job, which are forgotten here.
    Kept take(const std::string &job);
    std::vector<std::string> jobs() const;

private:
    struct Lines {
        std::deque<std::string> messages;
        std::size_t dropped = 0;
    };
    void drop_oldest(Lines &lines);
    std::unordered_map<std::string, Lines> jobs_;
    std::size_t bytes_ = 0;
};

} // namespace angod::hub
