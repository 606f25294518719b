#include "base/log_writer.hpp"

#include "base/own_process.hpp"

#include <utility>

namespace angod {

LogWriter::LogWriter(std::size_t bytes, Write write, Note note)
    : bytes_(bytes), write_(std::move(write)), note_(std::move(note)), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    added_.notify_one();
    thread_.join();
}

void LogWriter::add(std::string line) {
    {
        const std::lock_guard lock(mutex_);
        // After a drop half of the room must be free, or each line that is written would make room for one line and one note.
        const std::size_t room = gap_ > 0 ? bytes_ / 2 : bytes_;
        if (held_ > 0 && held_ + line.size() > room) {
            ++gap_;
            ++dropped_;
            return;
        }
        held_ += line.size();
        entries_.push_back({std::move(line), std::exchange(gap_, 0)});
    }
    added_.notify_one();
}

bool LogWriter::drain(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [this] { return entries_.empty() && gap_ == 0 && !busy_; });
}

void LogWriter::run() {
    name_thread("log");
    std::unique_lock lock(mutex_);
    for (;;) {
        busy_ = false;
        if (entries_.empty() && gap_ == 0) idle_.notify_all();
        added_.wait(lock, [this] { return ending_ || !entries_.empty() || gap_ > 0; });
        if (entries_.empty() && gap_ == 0) return;
        busy_ = true;
        if (entries_.empty()) { // all that came before the gap is written
            const std::uint64_t dropped = std::exchange(gap_, 0);
            lock.unlock();
            tell(dropped);
            lock.lock();
            continue;
        }
        Entry entry = std::move(entries_.front());
        entries_.pop_front();
        const std::size_t size = entry.line.size();
        lock.unlock();
        tell(entry.dropped_before);
        if (!write(std::move(entry.line))) {
            ++untold_;
            ++dropped_;
        }
        held_ -= size;
        lock.lock();
    }
}

/// Where a write fails, on a full disk for example, the count is told with the next line that succeeds.
void LogWriter::tell(std::uint64_t dropped) {
    untold_ += dropped;
    if (untold_ > 0 && write(note_(untold_))) untold_ = 0;
}

bool LogWriter::write(std::string text) {
    if (cut_) text.insert(text.begin(), '\n');
    const std::size_t written = write_(text);
    if (written > 0) cut_ = written < text.size();
    return written == text.size();
}

} // namespace angod
