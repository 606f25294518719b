// Children of this process: a shell takes the place of the host program.
//
// The tests read /proc to see what a child has, and whether it is gone. A process is started both by the calling thread and by
// the thread of its event loop that starts hosts.
#include "base/process.hpp"

#include "printing.hpp"
#include "run_coroutine.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

using namespace angod;
using namespace std::chrono_literals;

namespace {

struct Ended {
    ExitStatus status;
    std::string output;
};

/// A shell as the host program: the tests need what it can do, and nothing of a host.
SpawnOptions shell(const std::string &script) {
    SpawnOptions options;
    options.arguments = {"sh", "-c", script};
    options.environment = {"PATH=/usr/bin:/bin", "WORD=from here"};
    return options;
}

std::unique_ptr<Process> start(asio::io_context &context, const std::string &script) {
    const auto program = Program::open("/bin/sh");
    REQUIRE(program);
    const SpawnOptions options = shell(script);
    auto process = Process::start(context.get_executor(), *program, options);
    REQUIRE(process);
    return std::move(*process);
}

awaitable<std::string> output_of(Process &process) {
    std::string text;
    co_await asio::async_read(process.output(), asio::dynamic_buffer(text), as_value);
    co_return text;
}

awaitable<Ended> end_of(Process &process) {
    Ended ended;
    ended.output = co_await output_of(process);
    ended.status = co_await process.wait();
    co_return ended;
}

Ended run(const std::string &script) {
    asio::io_context context;
    const auto process = start(context, script);
    return run_coroutine(context, end_of(*process));
}

bool runs(pid_t pid) {
    std::ifstream stat(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(stat, line);
    const std::size_t name_end = line.rfind(") ");
    return name_end != std::string::npos && line[name_end + 2] != 'Z'; // a zombie has ended
}

/// Until the process has ended, or for ten seconds.
bool ends(pid_t pid) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (runs(pid) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return !runs(pid);
}

} // namespace

TEST_CASE("a program that is not there cannot be opened") {
    const auto program = Program::open("/nowhere/angod-host");
    REQUIRE(!program);
    CHECK(program.error().code == Code::not_found);
    CHECK(program.error().text == "cannot open the host program /nowhere/angod-host: No such file or directory");
}

TEST_CASE("both outputs of a process arrive, its input is empty, and its exit code is told") {
    const Ended ended = run("echo out; echo err >&2; cat; exit 7");
    CHECK(ended.output == "out\nerr\n");
    CHECK(ended.status.code == 7);
    CHECK(ended.status.signal == 0);
    CHECK(ended.status.text() == "exited with code 7");
}

TEST_CASE(
    "a process has the environment that it is given, and of its parent's descriptors the channel and the program") {
    asio::io_context context;
    auto channel = make_channel(context.get_executor());
    REQUIRE(channel);
    const auto program = Program::open("/bin/sh");
    REQUIRE(program);
    // The shell lives on beside ls, and has no pipe open for it.
    SpawnOptions options = shell("echo $WORD; echo $HOME; ls /proc/$$/fd; :");
    options.channel = &channel->theirs;
    const auto process = Process::start(context.get_executor(), *program, options);
    REQUIRE(process);
    const Ended ended = run_coroutine(context, end_of(**process));
    CHECK(ended.output == fmt::format("from here\n\n0\n1\n2\n{}\n{}\n", kChannelFd, kChannelFd + 1));
}

namespace {

awaitable<Ended> launched(const Program &program, SpawnOptions options) {
    const auto process = co_await Process::launch(program, std::move(options));
    REQUIRE(process);
    co_return co_await end_of(**process);
}

awaitable<void> launch_one(const Program &program, int number, int &ended) {
    const Ended one = co_await launched(program, shell(fmt::format("echo {}", number)));
    CHECK(one.output == fmt::format("{}\n", number));
    CHECK(one.status.code == 0);
    ++ended;
}

awaitable<void> launch_many(const Program &program, int count) {
    const auto executor = co_await asio::this_coro::executor;
    int ended = 0;
    for (int i = 0; i < count; ++i) spawn(executor, "launch", launch_one(program, i, ended));
    while (ended < count) co_await pause(1ms);
}

awaitable<void> launch_and_leave(const Program &program) {
    const auto process = co_await Process::launch(program, shell("exec sleep 1000"));
    static_cast<void>(process);
}

std::size_t children_of_test() {
    std::size_t count = 0;
    for (const auto &task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(task.path() / "children");
        for (int pid = 0; file >> pid;) ++count;
    }
    return count;
}

} // namespace

TEST_CASE("a process that another thread starts has the same outputs and descriptors") {
    asio::io_context context;
    auto channel = make_channel(context.get_executor());
    REQUIRE(channel);
    const auto program = Program::open("/bin/sh");
    REQUIRE(program);
    SpawnOptions options = shell("echo $WORD; echo err >&2; ls /proc/$$/fd; exit 3");
    options.channel = &channel->theirs;
    const Ended ended = run_coroutine(context, launched(*program, std::move(options)));
    CHECK(ended.output == fmt::format("from here\nerr\n0\n1\n2\n{}\n{}\n", kChannelFd, kChannelFd + 1));
    CHECK(ended.status.code == 3);
}

TEST_CASE("many processes can be launched at the same time") {
    asio::io_context context;
    const auto program = Program::open("/bin/sh");
    REQUIRE(program);
    run_coroutine(context, launch_many(*program, 30));
}

TEST_CASE("an event loop that ends during a launch leaves no process behind") {
    const auto program = Program::open("/bin/sh");
    REQUIRE(program);
    const std::size_t before = children_of_test();
    for (int i = 0; i < 20; ++i) {
        asio::io_context context;
        spawn(context.get_executor(), "launch", launch_and_leave(*program));
        context.poll();
    }
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (children_of_test() > before && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(children_of_test() == before);
}

TEST_CASE("the signal that ended a process is named") {
    const Ended ended = run("kill -SEGV $$");
    CHECK(ended.status.signal == SIGSEGV);
    CHECK(ended.status.text() == "was ended by signal 11 (Segmentation fault)");
}

TEST_CASE("the group of a process ends with it") {
    const Ended ended = run("sleep 1000 >/dev/null 2>&1 & echo $!");
    CHECK(ended.status.code == 0);
    CHECK(ends(std::stoi(ended.output)));
}

TEST_CASE("a process that is destroyed before it has ended is killed") {
    asio::io_context context;
    auto process = start(context, "echo ready; exec sleep 1000");
    const pid_t pid = process->pid();
    CHECK(process->resident() > 0);
    process.reset();
    CHECK(ends(pid));
}

TEST_CASE("a process that was killed is waited for") {
    asio::io_context context;
    const auto process = start(context, "exec sleep 1000");
    process->kill();
    const Ended ended = run_coroutine(context, end_of(*process));
    CHECK(ended.status.signal == SIGKILL);
    CHECK(process->resident() == 0);
    CHECK(process->own_memory() == 0);
    CHECK(!process->limit_data(1 << 30));
    process->kill();
}
