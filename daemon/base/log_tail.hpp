// The last lines of the log in memory, for readers and followers. Thread-safe.
//
// A reader has a place in the one ring and no queue of its own, so a slow reader costs nothing. Lines that the ring dropped before
// the reader came to them are counted.
#pragma once

#include "base/log.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace angod {

/// "debug", "info", "warning", "error". log_level_of also takes "warn".
std::string_view name_of(LogLevel level);
std::optional<LogLevel> log_level_of(std::string_view name);

/// The lines that a reader wants.
struct LogFilter {
    LogLevel level = LogLevel::debug; ///< and above
    std::string plugin, job;          ///< empty: of all, and of none
};

class LogTail {
    struct Line {
        LogLevel level;
        std::string json;
    };
    /// A filter as text that is searched in lines.
    struct Wanted {
        explicit Wanted(const LogFilter &filter);
        bool operator()(const Line &line) const;
        LogLevel level;
        std::string plugin, job;
    };

public:
    static constexpr std::size_t kLines = 1000, kBytes = 1u << 20;
    /// Longer texts are kept without their end.
    static constexpr std::size_t kLongestText = 16 * 1024;

    LogTail() = default;
    LogTail(const LogTail &) = delete;
    LogTail &operator=(const LogTail &) = delete;

    /// json: the line as an object, without a line end.
    void add(LogLevel level, std::string json);
    /// All kept lines, the oldest first, each with a line end.
    std::string lines(const LogFilter &filter) const;

    /// Reads the kept lines and then new ones. tail outlives it.
    class Reader {
    public:
        /// wake: called, on any thread, when there is a line to read after next() returned nothing. It must be quick and must
        /// not write to the log.
        Reader(LogTail &tail, const LogFilter &filter, std::function<void()> wake);
        ~Reader();
        Reader(const Reader &) = delete;
        Reader &operator=(const Reader &) = delete;

        /// The next lines, each with a line end: at least one, and no further one beyond so many bytes. Empty: none yet.
        std::string next(std::size_t bytes);

    private:
        friend class LogTail;
        LogTail &tail_;
        const Wanted is_wanted_;
        const std::function<void()> wake_;
        std::uint64_t next_;
        std::uint64_t left_out_ = 0; ///< wanted lines that are gone
        bool waiting_ = false;
    };

private:
    void drop_oldest();

    mutable std::mutex mutex_;
    std::deque<Line> lines_;
    std::size_t bytes_ = 0;
    std::uint64_t first_ = 0; ///< the number of the oldest
    std::set<Reader *> readers_;
};

/// The tail of this process's log. Lines are kept from the first call on.
LogTail &log_tail();

} // namespace angod
