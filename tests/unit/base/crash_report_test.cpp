// Real crashes, each in a child of this process.
#include "base/crash_report.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <thread>

using namespace angod;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif

#ifndef HAS_SANITIZER

namespace {

struct End {
    int signal = 0;
    std::string said;
};

/// Runs crash in a child that reports crashes.
template <class Crash> End end_of(const Crash &crash) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], STDERR_FILENO);
        ::close(pipe[0]);
        report_crashes();
        crash();
        ::_exit(0);
    }
    ::close(pipe[1]);
    End end;
    std::array<char, 4096> bytes;
    for (ssize_t n = 0; (n = ::read(pipe[0], bytes.data(), bytes.size())) > 0;)
        end.said.append(bytes.data(), static_cast<std::size_t>(n));
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return end;
}

} // namespace

extern "C" __attribute__((noinline, visibility("default"))) void write_to_nothing() {
    *reinterpret_cast<volatile int *>(8) = 1;
}

extern "C" __attribute__((noinline, visibility("default"))) int never_ends(int depth) { // NOLINT(misc-no-recursion)
    volatile char room[1024];
    room[0] = static_cast<char>(depth);
    return depth < 0 ? 0 : never_ends(depth + 1) + room[0];
}

TEST_CASE(
    "a crash leaves one line with signal, address, file, offset and function, and ends the process by this signal") {
    const End end = end_of([] { write_to_nothing(); });
    CHECK(end.signal == SIGSEGV);
    CHECK(end.said.starts_with("crash: signal 11 (Segmentation fault) at address 0x8, in angod_unit_tests+0x"));
    CHECK(end.said.ends_with(" (write_to_nothing)\n"));
    CHECK(end.said.find('\n') == end.said.size() - 1);
}

TEST_CASE("an abort ends the process by its signal and names the library") {
    const End end = end_of([] { std::abort(); });
    CHECK(end.signal == SIGABRT);
    CHECK(end.said.starts_with("crash: signal 6 (Aborted), in libc.so.6+0x"));
}

TEST_CASE("a signal that a process sent has no address, and ends the process too") {
    const End end = end_of([] { ::kill(::getpid(), SIGBUS); });
    CHECK(end.signal == SIGBUS);
    CHECK(end.said.starts_with("crash: signal 7 (Bus error), in "));
}

TEST_CASE("a thread that has used up its stack is reported if it has a stack for that") {
    const End end = end_of([] {
        std::thread([] {
            const CrashStack stack;
            never_ends(0);
        }).join();
    });
    CHECK(end.signal == SIGSEGV);
    CHECK_MESSAGE(end.said.ends_with(" (never_ends)\n"), end.said);
}

TEST_CASE("two threads that crash at the same time leave one line") {
    const End end = end_of([] {
        std::thread other([] { write_to_nothing(); });
        write_to_nothing();
        other.join();
    });
    CHECK(end.signal == SIGSEGV);
    CHECK(end.said.find('\n') == end.said.size() - 1);
}

#endif
