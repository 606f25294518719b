// An event loop, a folder for module files, and the fake host program (fake_angod_host.cpp) in place of angod-host.
#pragma once

#include "base/async.hpp"
#include "base/process.hpp"
#include "supervisor/host_process.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

namespace angod::supervisor {

struct FakeHosts {
    TemporaryFolder folder;
    asio::io_context context;
    Program program = *Program::open(std::filesystem::read_symlink("/proc/self/exe").parent_path() / "fake_angod_host");

    /// A module file; lines as in fake_angod_host.cpp.
    std::filesystem::path module(const std::string &lines = "id echo\nversion 1\n",
                                 const std::string &name = "echo.so") const {
        const auto path = folder.path() / name;
        std::ofstream(path) << lines;
        return path;
    }
    /// Runs a test and everything that it started to the end: whatever does not end fails the test.
    void run(awaitable<void> test) {
        std::exception_ptr failed;
        asio::co_spawn(context, std::move(test), [&](std::exception_ptr e) { failed = e; });
        context.restart();
        context.run_for(std::chrono::seconds(60));
        if (failed) std::rethrow_exception(failed);
        REQUIRE(context.stopped());
    }
    /// The same for a test of something that follows folders: it must end too, but the watch of a folder lives on.
    void run(awaitable<void> test, const bool &following) {
        std::exception_ptr failed;
        bool ended = false;
        asio::co_spawn(context, std::move(test), [&](std::exception_ptr e) {
            failed = e;
            ended = true;
        });
        context.restart();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!failed && !(ended && !following) && std::chrono::steady_clock::now() < deadline)
            context.run_one_for(std::chrono::seconds(1));
        if (failed) std::rethrow_exception(failed);
        REQUIRE(ended);
        REQUIRE(!following);
    }
};

/// Returns when the condition holds. Fails the test if it does not come true. A condition that owns something must have
/// a name: see base/async.hpp.
template <class Condition> awaitable<void> until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        co_await pause(std::chrono::milliseconds(2));
    }
}

/// The messages of a job while it ran.
struct Told {
    std::string log, progress, checkpoint;
    JobEvents events() {
        JobEvents on;
        on.log = [this](std::uint32_t, const std::string &text) { log += text; };
        on.progress = [this](std::uint64_t done, std::uint64_t total) {
            progress += std::to_string(done) + "/" + std::to_string(total);
        };
        on.checkpoint = [this](std::string bytes, const std::function<void(std::string)> &saved) {
            checkpoint += bytes;
            saved("");
        };
        return on;
    }
};

/// A job that runs beside the test.
struct Job {
    explicit Job(const asio::any_io_executor &where) : executor(where) {}
    asio::any_io_executor executor;
    Told told;
    std::optional<JobEnd> end;

    static host_protocol::RunJob request(const std::string &id, const std::string &event) {
        host_protocol::RunJob job;
        job.job = id;
        job.plugin = "plugin";
        job.event = event;
        return job;
    }
    void start(const std::shared_ptr<HostProcess> &host, const std::string &id, const std::string &event,
               std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max()) {
        spawn(executor, "job", run(*this, host, request(id, event), deadline));
    }
    awaitable<JobEnd> ended() {
        co_await until([this] { return end.has_value(); });
        co_return *end;
    }
    static awaitable<void> run(Job &self, std::shared_ptr<HostProcess> host, host_protocol::RunJob job,
                               std::chrono::steady_clock::time_point deadline) {
        auto events = self.told.events();
        self.end = co_await host->run(std::move(job), std::move(events), deadline);
    }
};

} // namespace angod::supervisor
