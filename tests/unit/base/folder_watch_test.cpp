#include "base/folder_watch.hpp"
#include "run_coroutine.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <optional>

using namespace angod;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// A watched folder, and an event loop that runs while something is waited for.
struct Watched {
    TemporaryFolder folder;
    asio::io_context context;
    std::optional<FolderWatch> watch{context.get_executor()};

    Watched() { watch->adder()(folder.path()); }
    ~Watched() {
        watch.reset();
        context.restart();
        context.run(); // its coroutine ends
    }
    fs::path file(const char *name) const { return folder.path() / name; }
    bool wait(Clock::duration limit) { return run_coroutine(context, watch->wait(Clock::now() + limit)); }
    bool hears() { return wait(20s); }
    /// Events so far are forgotten.
    void settle() {
        while (wait(50ms)) {
        }
    }
};

} // namespace

TEST_CASE("files that come, change, are renamed and go are heard of") {
    Watched watched;
    CHECK(!watched.wait(1ms));
    std::ofstream(watched.file("a.so")) << "1";
    CHECK(watched.hears());
    watched.settle();
    std::ofstream(watched.file("a.so"), std::ios::app) << "2";
    CHECK(watched.hears());
    watched.settle();
    fs::permissions(watched.file("a.so"), fs::perms::owner_all);
    CHECK(watched.hears());
    watched.settle();
    fs::rename(watched.file("a.so"), watched.file("b.so"));
    CHECK(watched.hears());
    watched.settle();
    fs::remove(watched.file("b.so"));
    CHECK(watched.hears());
}

TEST_CASE("what happened before the wait counts") {
    Watched watched;
    std::ofstream(watched.file("a.so")) << "1";
    CHECK(watched.hears());
}

TEST_CASE("a wait ends at its deadline, and with wake, which says of nothing that it happened") {
    Watched watched;
    CHECK(!watched.wait(1ms));
    watched.watch->wake();
    CHECK(!watched.wait(1h));
    CHECK(!watched.wait(1ms));
}

TEST_CASE("a file is being written from its first change until its writer closes it") {
    Watched watched;
    const fs::path file = watched.file("a.so");
    CHECK(!watched.watch->being_written(file));
    {
        std::ofstream out(file);
        out << "part" << std::flush;
        while (!watched.watch->being_written(file)) REQUIRE(watched.hears());
    }
    while (watched.watch->being_written(file)) REQUIRE(watched.hears());
    CHECK(!watched.watch->being_written(file));
}

TEST_CASE("a file that takes the place of one that is being written is whole") {
    Watched watched;
    const fs::path file = watched.file("a.so"), other = watched.file("other");
    std::ofstream out(file);
    out << "part" << std::flush;
    while (!watched.watch->being_written(file)) REQUIRE(watched.hears());
    std::ofstream(other) << "whole";
    fs::rename(other, file);
    while (watched.watch->being_written(file)) REQUIRE(watched.hears());
}

TEST_CASE("a folder that is not there, and comes, is watched when it is added again") {
    Watched watched;
    const fs::path late = watched.file("late");
    watched.watch->adder()(late);
    watched.settle();
    fs::create_directory(late);
    CHECK(watched.hears());
    watched.watch->adder()(late);
    watched.watch->adder()(late);
    watched.settle();
    std::ofstream(late / "a.so") << "1";
    CHECK(watched.hears());
    watched.settle();
    fs::remove_all(late);
    CHECK(watched.hears());
    watched.settle();
    fs::create_directory(late);
    watched.watch->adder()(late);
    watched.settle();
    std::ofstream(late / "b.so") << "1";
    CHECK(watched.hears());
}

TEST_CASE("a flood of news does not hide the last one") {
    Watched watched;
    for (int i = 0; i < 20'000; ++i) std::ofstream(watched.file(i % 2 ? "a.so" : "b.so")) << i;
    watched.settle();
    std::ofstream(watched.file("c.so")) << "1";
    CHECK(watched.hears());
    watched.settle();
    CHECK(!watched.watch->being_written(watched.file("c.so")));
}
