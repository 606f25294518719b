#include "base/orphans.hpp"

#include "base/orphans_posix.hpp"
#include "base/process.hpp"
#include "printing.hpp"
#include "run_coroutine.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <future>
#include <mutex>
#include <string>
#include <thread>

using namespace angod;

namespace {

/// A host that leaves a process in a session of its own behind. It prints the number of that process.
constexpr const char *kLeave = "(setsid sh -c 'echo $$; exec sleep 1000 >/dev/null 2>&1' &) | head -1";

/// The rest of the program must not become the parent of strangers.
struct Subreaper {
    ~Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
};

awaitable<pid_t> leave_one_behind(std::unique_ptr<Process> process) {
    std::string text;
    co_await asio::async_read(process->output(), asio::dynamic_buffer(text), as_value);
    co_await process->wait();
    co_return std::stoi(text);
}

pid_t left_behind(asio::io_context &context) {
    const auto program = Program::open("/bin/sh");
    REQUIRE(program);
    SpawnOptions options;
    options.arguments = {"sh", "-c", kLeave};
    options.environment = {"PATH=/usr/bin:/bin"};
    auto process = Process::start(context.get_executor(), *program, options);
    REQUIRE(process);
    return run_coroutine(context, leave_one_behind(std::move(*process)));
}

} // namespace

TEST_CASE("a process that left the group of its host is ended after the host, with the context at the latest") {
    const Subreaper until_the_end;
    pid_t pid = 0;
    {
        asio::io_context context;
        adopt_orphans(context);
        pid = left_behind(context);
    }
    CHECK(::kill(pid, 0) != 0);
}

TEST_CASE("a host that still runs is no orphan") {
    const Subreaper until_the_end;
    asio::io_context context;
    adopt_orphans(context);
    const auto program = Program::open("/bin/sh");
    REQUIRE(program);
    SpawnOptions options;
    options.arguments = {"sh", "-c", "exec sleep 1000"};
    auto runs = Process::start(context.get_executor(), *program, options);
    REQUIRE(runs);
    const pid_t pid = left_behind(context);
    CHECK(::kill((*runs)->pid(), 0) == 0);
    CHECK(pid > 0);
}

TEST_CASE("a child that is being started is no orphan, although it is not known yet") {
    const Subreaper until_the_end;
    asio::io_context context;
    adopt_orphans(context);
    auto &orphans = asio::use_service<Orphans>(context);
    Children &children = *orphans.children();
    std::promise<pid_t> started;
    std::promise<void> known;
    std::thread starting([&] {
        const std::lock_guard lock(children.starting);
        char *const arguments[] = {const_cast<char *>("sleep"), const_cast<char *>("1000"), nullptr};
        pid_t pid = 0;
        CHECK(::posix_spawnp(&pid, "sleep", nullptr, nullptr, arguments, nullptr) == 0);
        started.set_value(pid);
        known.get_future().wait();
        children.add(pid);
    });
    const pid_t pid = started.get_future().get();
    CHECK(orphans.end()); // look again later
    CHECK(::kill(pid, 0) == 0);
    known.set_value();
    starting.join();
    CHECK(!orphans.end());
    CHECK(::kill(pid, 0) == 0);
    children.remove(pid);
    CHECK(orphans.end());
    CHECK(::waitpid(pid, nullptr, 0) != 0); // ended, and perhaps reaped already
    CHECK(!orphans.end());
}
