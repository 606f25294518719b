#include "base/disk_call.hpp"

#include "printing.hpp"
#include "temporary_folder.hpp"
#include "within.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

using namespace angod;
using namespace std::chrono_literals;

namespace {

/// A pipe in a folder: who opens it to read waits until somebody opens it to write.
struct Pipe {
    Pipe() { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }
    void let_go() const { ::close(::open(path.c_str(), O_WRONLY)); }
    TemporaryFolder folder;
    const std::filesystem::path path = folder.path() / "pipe";
    auto open() const {
        return [file = path](const DiskCall &) {
            const int fd = ::open(file.c_str(), O_RDONLY);
            ::close(fd);
            return fd >= 0;
        };
    }
};

awaitable<void> test_value(std::thread::id loop) {
    const auto elsewhere = [](const DiskCall &) { return std::this_thread::get_id(); };
    const auto thread = co_await on_disk_thread("a folder", 5s, elsewhere);
    const bool is_elsewhere = thread && *thread != loop;
    CHECK(is_elsewhere);
}

awaitable<void> test_limit(const Pipe &pipe) {
    const auto late = co_await on_disk_thread("the file x", 20ms, pipe.open());
    REQUIRE(!late);
    CHECK(late.error().code == Code::timeout);
    CHECK(late.error().text == "the file x does not answer: a call of the system has not returned within 0.02 s");

    const auto second = co_await on_disk_thread("the file x", 20ms, pipe.open());
    REQUIRE(!second);
    CHECK(second.error().code == Code::timeout);
    CHECK(second.error().text ==
          "the file x does not answer: an earlier call of the system for it has not returned yet");

    // Another subject is not affected.
    const auto nothing = [](const DiskCall &) { return true; };
    const auto other = co_await on_disk_thread("the file y", 5s, nothing);
    CHECK(other.has_value());

    pipe.let_go();
    for (;;) {
        const auto again = co_await on_disk_thread("the file x", 5s, nothing);
        if (again) break;
        co_await pause(1ms);
    }
}

awaitable<void> test_beats() {
    const auto slow = [](const DiskCall &call) {
        for (int i = 0; i < 20; ++i) {
            std::this_thread::sleep_for(10ms);
            call.beat();
        }
        return 7;
    };
    const auto value = co_await on_disk_thread("a large file", 150ms, slow);
    REQUIRE(value);
    CHECK(*value == 7);
}

awaitable<void> test_call_thread(const Pipe &pipe) {
    CallThread thread;
    const auto id = [](const DiskCall &) { return std::this_thread::get_id(); };
    const auto first = co_await on_call_thread(thread, "one", 5s, id);
    const auto second = co_await on_call_thread(thread, "two", 5s, id);
    const bool same = first && second && *first == *second && *first != std::this_thread::get_id();
    CHECK(same);

    // A call that hangs holds up those behind it, and only for their limit.
    const auto hangs = co_await on_call_thread(thread, "the pipe", 20ms, pipe.open());
    REQUIRE(!hangs);
    CHECK(hangs.error().text == "the pipe does not answer: a call of the system has not returned within 0.02 s");
    const auto behind = co_await on_call_thread(thread, "three", 20ms, id);
    REQUIRE(!behind);
    CHECK(behind.error().code == Code::timeout);
    pipe.let_go();
    const auto later = co_await on_call_thread(thread, "four", 5s, id);
    const bool same_later = later && *later == *first;
    CHECK(same_later);

    const auto fails = [](const DiskCall &) -> Result<int> { return error(Code::io, "no"); };
    const auto failed = co_await on_call_thread(thread, "five", 5s, fails);
    REQUIRE(!failed);
    CHECK(failed.error().text == "no");
}

awaitable<void> begin(const Pipe &pipe) {
    const auto never = co_await on_disk_thread("the pipe", 1h, pipe.open());
    static_cast<void>(never);
}

} // namespace

TEST_CASE("a call of the file system runs on a thread of its own") {
    asio::io_context context;
    within_limit(context, test_value(std::this_thread::get_id()));
}

TEST_CASE("a call that does not return in time is an error, and so is the next one for its subject until it returns") {
    asio::io_context context;
    const Pipe pipe;
    within_limit(context, test_limit(pipe));
}

TEST_CASE("the limit begins anew with each sign of life") {
    asio::io_context context;
    within_limit(context, test_beats());
}

TEST_CASE("a call may return after the end of its event loop") {
    const Pipe pipe;
    {
        asio::io_context context;
        spawn(context.get_executor(), "a call", begin(pipe));
        context.poll();
    }
    pipe.let_go();
    asio::io_context context;
    within_limit(context, []() -> awaitable<void> {
        const auto nothing = [](const DiskCall &) { return true; };
        for (;;) {
            const auto free = co_await on_disk_thread("the pipe", 5s, nothing);
            if (free) break;
            co_await pause(1ms);
        }
    }());
}

TEST_CASE("a call thread makes its calls one after the other, also behind one that hangs") {
    asio::io_context context;
    const Pipe pipe;
    within_limit(context, test_call_thread(pipe));
}
