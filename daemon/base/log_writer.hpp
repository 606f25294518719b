// Writes lines on a thread of its own, so that a slow or stopped reader never holds up a caller.
//
// The lines that wait are bounded in bytes. A line that finds no room is dropped and counted. Once half of the room is free
// again lines are taken again, and the first of them is preceded by a note of how many are missing.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace angod {

class LogWriter {
public:
    /// Writes the text, however long that takes, and returns how many of its bytes it wrote. Fewer than all: it failed.
    using Write = std::function<std::size_t(std::string_view)>;
    /// The line that tells of dropped lines, with its line end. It must not call the writer.
    using Note = std::function<std::string(std::uint64_t dropped)>;

    /// bytes: how much may wait. Both functions are called on the writer's thread only.
    LogWriter(std::size_t bytes, Write write, Note note);
    /// Writes what waits, without a limit of time.
    ~LogWriter();
    LogWriter(const LogWriter &) = delete;
    LogWriter &operator=(const LogWriter &) = delete;

    /// Takes a line with its line end, or drops it. Never waits for the reader. Any thread. A line that is longer than all of
    /// the room is taken when nothing else waits.
    void add(std::string line);
    /// Waits until everything is written. False: that took longer than the limit.
    bool drain(std::chrono::milliseconds limit);
    /// Lines that were dropped, or that write failed to write. Any thread.
    std::uint64_t dropped() const { return dropped_; }
    /// Whether no line waits or is being written. Any thread, also in a signal handler.
    bool is_empty() const { return held_ == 0; }

private:
    struct Entry {
        std::string line;
        std::uint64_t dropped_before; ///< lines between the previous entry and this one
    };
    void run();
    bool write(std::string text);
    void tell(std::uint64_t dropped);

    const std::size_t bytes_;
    const Write write_;
    const Note note_;

    std::mutex mutex_;
    std::condition_variable added_, idle_;
    std::deque<Entry> entries_;
    std::uint64_t gap_ = 0; ///< lines dropped since the last entry was taken
    bool busy_ = false;     ///< the thread writes
    bool ending_ = false;
    std::atomic<std::size_t> held_ = 0; ///< bytes that wait or are being written
    std::atomic<std::uint64_t> dropped_ = 0;

    // The thread alone uses these.
    std::uint64_t untold_ = 0; ///< dropped lines, not yet in a note
    bool cut_ = false;         ///< the last text was written without its end

    std::thread thread_; ///< last: it uses all of the above
};

} // namespace angod
