// The writer of the log with a reader that takes texts only while its gate is open, or fails. Each case waits for conditions of the
// writer (drain) or of the reader (wait_for_write), never for a time. The
// last cases use several threads, and the destructor.
#include "base/log_writer.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace angod;
using namespace std::chrono_literals;

namespace {

constexpr auto kLong = 10s;

/// A reader of the log that takes texts only while its gate is open.
class Reader {
public:
    std::size_t write(std::string_view text) {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        --waiting_;
        if (fails_) {
            text_ += text.substr(0, takes_);
            return takes_;
        }
        text_ += text;
        return text.size();
    }
    void open(bool open = true) {
        const std::lock_guard lock(mutex_);
        open_ = open;
        changed_.notify_all();
    }
    /// From now on a write takes only so many bytes.
    void fail(std::size_t takes) {
        const std::lock_guard lock(mutex_);
        fails_ = true;
        takes_ = takes;
    }
    void recover() {
        const std::lock_guard lock(mutex_);
        fails_ = false;
    }
    /// Until the writer stands in a write.
    void wait_for_write() {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, kLong, [this] { return waiting_ > 0; }));
    }
    std::string text() {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string text_;
    int waiting_ = 0;
    bool open_ = true, fails_ = false;
    std::size_t takes_ = 0;
};

struct Writing {
    explicit Writing(std::size_t bytes)
        : writer(
              bytes, [this](std::string_view text) { return reader.write(text); },
              [](std::uint64_t dropped) { return "(" + std::to_string(dropped) + ")\n"; }) {}
    /// The writer's destructor writes what waits.
    ~Writing() { reader.open(); }
    Reader reader;
    LogWriter writer;
};

} // namespace

TEST_CASE("lines are written in their order") {
    Writing log(1000);
    for (int i = 0; i < 100; ++i) {
        log.writer.add(std::to_string(i) + "\n");
        if (i % 10 == 9) REQUIRE(log.writer.drain(kLong));
    }
    std::string all;
    for (int i = 0; i < 100; ++i) all += std::to_string(i) + "\n";
    CHECK(log.reader.text() == all);
    CHECK(log.writer.dropped() == 0);
    CHECK(log.writer.is_empty());
}

TEST_CASE(
    "a reader that takes nothing holds nobody up; what was dropped is counted, and told when there is room again") {
    Writing log(40);
    log.reader.open(false);
    for (int i = 0; i < 10; ++i) log.writer.add("line " + std::to_string(i) + "..\n"); // nine bytes each
    CHECK(log.writer.dropped() == 6);
    CHECK(!log.writer.is_empty());
    CHECK(!log.writer.drain(1ms));
    log.reader.open();
    REQUIRE(log.writer.drain(kLong));
    CHECK(log.reader.text() == "line 0..\nline 1..\nline 2..\nline 3..\n(6)\n");
    log.writer.add("last\n");
    REQUIRE(log.writer.drain(kLong));
    CHECK(log.reader.text().ends_with("(6)\nlast\n"));
    CHECK(log.writer.dropped() == 6);
}

TEST_CASE("after a drop, lines are taken again once half of the room is free, behind the note of what is missing") {
    Writing log(40);
    log.reader.open(false);
    log.writer.add("0123456789012345678901234567890123456\n");
    log.reader.wait_for_write();
    log.writer.add("dropped\n");
    log.writer.add("x\n"); // would fit
    CHECK(log.writer.dropped() == 2);
    log.reader.open();
    REQUIRE(log.writer.drain(kLong));
    log.reader.open(false);
    log.writer.add("taken\n");
    log.reader.open();
    REQUIRE(log.writer.drain(kLong));
    CHECK(log.reader.text() == "0123456789012345678901234567890123456\n(2)\ntaken\n");
}

TEST_CASE("a line that is longer than all of the room is written when nothing else waits") {
    Writing log(10);
    const std::string line = std::string(100, 'x') + "\n";
    log.writer.add(line);
    REQUIRE(log.writer.drain(kLong));
    CHECK(log.reader.text() == line);
    CHECK(log.writer.dropped() == 0);
}

TEST_CASE("a line that could not be written counts as dropped, and is told of when writing works again") {
    Writing log(1000);
    log.reader.fail(0);
    log.writer.add("a\n");
    log.writer.add("b\n");
    REQUIRE(log.writer.drain(kLong));
    CHECK(log.writer.dropped() == 2);
    CHECK(log.reader.text().empty());
    log.reader.recover();
    log.writer.add("c\n");
    REQUIRE(log.writer.drain(kLong));
    CHECK(log.reader.text() == "(2)\nc\n");
    CHECK(log.writer.dropped() == 2);
}

TEST_CASE("what follows a line that was cut begins on a line of its own") {
    Writing log(1000);
    log.reader.fail(2);
    log.writer.add("abc\n");
    REQUIRE(log.writer.drain(kLong));
    log.reader.recover();
    log.writer.add("d\n");
    REQUIRE(log.writer.drain(kLong));
    CHECK(log.reader.text() == "ab\n(1)\nd\n");
}

TEST_CASE("lines of many threads are written or counted, each whole") {
    Writing log(2000);
    std::vector<std::thread> threads;
    constexpr int kThreads = 4, kLines = 500;
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < kLines; ++i) log.writer.add("a whole line\n");
        });
    for (std::thread &thread : threads) thread.join();
    REQUIRE(log.writer.drain(kLong));
    std::uint64_t written = 0, told = 0;
    const std::string text = log.reader.text();
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        const std::string line = text.substr(at, end - at);
        if (line == "a whole line")
            ++written;
        else
            told += std::stoull(line.substr(1));
    }
    CHECK(written + told == kThreads * kLines);
    CHECK(told == log.writer.dropped());
}

TEST_CASE("the end writes what waits") {
    std::string text;
    {
        LogWriter writer(
            1000,
            [&](std::string_view line) {
                text += line;
                return line.size();
            },
            [](std::uint64_t) { return std::string(); });
        writer.add("a\n");
        writer.add("b\n");
    }
    CHECK(text == "a\nb\n");
}
