// The loop of these tests is held up for real: its thread sleeps, computes, or is stopped with its process.
#include "app/loop_watch.hpp"

#include "within.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <thread>

using namespace angod;
using namespace angod::app;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr LoopWatch::Options kOptions{50ms, 100ms};

std::chrono::nanoseconds used_processor() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

awaitable<void> answered(LoopWatch &watch, std::uint64_t more) {
    const auto before = watch.stalls().answers;
    while (watch.stalls().answers < before + more) co_await pause(1ms);
}

/// Begins right after a sign of life: the next one is asked for a tenth of a second later.
awaitable<void> hold_up(LoopWatch &watch, Clock::duration time, bool busy) {
    co_await answered(watch, 1);
    if (!busy) std::this_thread::sleep_for(time);
    for (const auto begun = used_processor(); busy && used_processor() - begun < time;) {
    }
    co_await answered(watch, 2);
}

LoopStalls stalls_after(Clock::duration time, bool busy) {
    asio::io_context context;
    LoopWatch watch(context.get_executor(), kOptions, Log());
    within_limit(context, hold_up(watch, time, busy));
    return watch.stalls();
}

/// The exit code of a child process that runs a watched loop for a second, and is stopped for half of it.
int code_of_stopped_child() {
    const pid_t child = ::fork();
    if (child == 0) {
        asio::io_context context;
        LoopWatch watch(context.get_executor(), kOptions, Log());
        run_coroutine(context, []() -> awaitable<void> { co_await pause(1s); }());
        ::_exit(watch.stalls().count == 0 ? 0 : 1);
    }
    ::usleep(250'000);
    ::kill(child, SIGSTOP);
    int status = 0;
    ::waitpid(child, &status, WUNTRACED);
    ::usleep(500'000);
    ::kill(child, SIGCONT);
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_CASE("a loop that sleeps is measured, and the place is named") {
    const auto stalls = stalls_after(400ms, false);
    CHECK(stalls.count == 1);
    CHECK(stalls.longest >= 250ms); // the question may come when a part of it is over
    CHECK(stalls.where.find("nanosleep") != std::string::npos);
    CHECK(stalls.longest_at_ms > 0);
}

TEST_CASE("a loop that computes is measured, and the place is named by file and offset") {
    const auto stalls = stalls_after(400ms, true);
    CHECK(stalls.count == 1);
    CHECK(stalls.longest >= 100ms);
    CHECK(stalls.where.find("angod_unit_tests+0x") != std::string::npos);
}

TEST_CASE("a short stall is measured and not told") {
    const auto stalls = stalls_after(20ms, false);
    CHECK(stalls.count == 0);
    CHECK(stalls.where.empty());
}

TEST_CASE("a process that was stopped did not hold up its loop") { CHECK(code_of_stopped_child() == 0); }

TEST_CASE("a watch ends while its loop does not run") {
    asio::io_context context;
    { const LoopWatch watch(context.get_executor(), kOptions, Log()); }
    CHECK(context.poll() <= 1);
}
