#include "host/process/log_limit.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace std::chrono_literals;
using angod::host::LogLevel;
using angod::host::LogLimit;

namespace {

struct Log {
    std::vector<std::string> lines;
    LogLimit limit{[this](LogLevel level, std::string_view text) {
        lines.push_back((level == LogLevel::error ? "ERROR " : "") + std::string(text));
    }};
    LogLimit::Clock::time_point now = LogLimit::Clock::time_point() + 1h;
    int written = 0;

    void write(int count, LogLimit::Clock::duration every = {}) {
        for (int i = 0; i < count; ++i) {
            limit.line(LogLevel::info, std::to_string(written++), now);
            now += every;
        }
    }
    void error() { limit.line(LogLevel::error, std::to_string(written++), now); }

    /// Checks that the lines are in order and that missing lines are counted.
    void check_account() const {
        int next = 0;
        for (const std::string &line : lines) {
            const bool note = line.find("left out here") != std::string::npos;
            const int number = std::stoi(line.starts_with("ERROR ") ? line.substr(6) : line);
            if (!note) CHECK(number == next);
            next = note ? next + number : number + 1;
        }
        CHECK(next == written);
    }
};

} // namespace

TEST_CASE("some hundred lines pass as they come") {
    Log log;
    log.write(500);
    CHECK(log.lines.size() == 500);
    log.limit.flush();
    log.check_account();
}

TEST_CASE("of a flood the last lines are sent, and how many are missing") {
    Log log;
    log.write(100'000);
    CHECK(log.lines.size() == 500);
    log.limit.flush();
    REQUIRE(log.lines.size() == 521);
    CHECK(log.lines[500] == "99480 lines of the plugin were left out here because it logs too fast");
    CHECK(log.lines[501] == "99980");
    CHECK(log.lines.back() == "99999");
    log.check_account();
    log.limit.flush();
    CHECK(log.lines.size() == 521);
}

TEST_CASE("a flood that goes on shows a few lines each second") {
    Log log;
    log.write(60'000, 1ms);
    log.limit.flush();
    CHECK(log.lines.size() > 500 + 50 * 20);
    CHECK(log.lines.size() < 500 + 62 * 21);
    log.check_account();
}

TEST_CASE("after a pause there is room again") {
    Log log;
    log.write(1000);
    log.now += 60s;
    log.write(1);
    CHECK(log.lines.back() == "1000");
    log.check_account();
    log.write(400);
    CHECK(log.lines.back() == "1400");
    log.check_account();
}

TEST_CASE("an error passes at once, behind what came before it") {
    Log log;
    log.write(1000);
    log.error();
    CHECK(log.lines.back() == "ERROR 1000");
    CHECK(log.lines[log.lines.size() - 2] == "999");
    log.check_account();
}

TEST_CASE("errors without end are a flood too") {
    Log log;
    for (int i = 0; i < 100'000; ++i) log.error();
    log.limit.flush();
    CHECK(log.lines.size() < 1100);
    CHECK(log.lines.back() == "ERROR 99999");
    log.check_account();
}

TEST_CASE("lines of several threads are all sent or counted") {
    std::uint64_t accounted = 0;
    LogLimit limit([&](LogLevel, std::string_view text) {
        accounted += text == "x" ? 1 : static_cast<std::uint64_t>(std::stol(std::string(text)));
    });
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int line = 0; line < 5000; ++line) limit.line(LogLevel::info, "x");
            });
    }
    limit.flush();
    CHECK(accounted == 20'000);
}
