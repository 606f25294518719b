#include "base/log_tail.hpp"

#include "base/json.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

using namespace angod;

namespace {

std::string line(const std::string &msg, const std::string &fields = "") {
    return R"({"time":"t","level":"info",)" + fields + R"("msg":)" + json::quote(msg) + "}";
}

std::size_t count(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

const auto nobody = [] {};

} // namespace

TEST_CASE("the tail keeps the last thousand lines") {
    LogTail tail;
    for (int i = 0; i < 1200; ++i) tail.add(LogLevel::info, line(std::to_string(i)));
    const std::string kept = tail.lines({});
    CHECK(count(kept) == LogTail::kLines);
    CHECK(kept.starts_with(line("200") + "\n"));
    CHECK(kept.ends_with(line("1199") + "\n"));
}

TEST_CASE("the tail keeps at most a megabyte, and nothing that is longer") {
    LogTail tail;
    const std::string text(100'000, 'x');
    for (int i = 0; i < 50; ++i) tail.add(LogLevel::info, line(text));
    CHECK(count(tail.lines({})) == 10);
    CHECK(tail.lines({}).size() <= LogTail::kBytes + LogTail::kLines);
    tail.add(LogLevel::info, std::string(LogTail::kBytes + 1, 'x'));
    CHECK(count(tail.lines({})) == 10);
}

TEST_CASE("lines are chosen by level, plugin and job, and by nothing that only looks like that") {
    LogTail tail;
    tail.add(LogLevel::debug, line("d"));
    tail.add(LogLevel::info, line("of a", R"("plugin":"a",)"));
    tail.add(LogLevel::warning, line("of a and j", R"("plugin":"a","job":"j",)"));
    tail.add(LogLevel::error, line("of ab", R"("plugin":"ab",)"));
    tail.add(LogLevel::error, line(R"("plugin":"a","job":"j",)"));
    CHECK(count(tail.lines({})) == 5);
    CHECK(count(tail.lines({LogLevel::info, "", ""})) == 4);
    CHECK(count(tail.lines({LogLevel::error, "", ""})) == 2);
    CHECK(count(tail.lines({LogLevel::debug, "a", ""})) == 2);
    CHECK(tail.lines({LogLevel::debug, "a", "j"}) == line("of a and j", R"("plugin":"a","job":"j",)") + "\n");
    CHECK(tail.lines({LogLevel::debug, "", "j"}) == line("of a and j", R"("plugin":"a","job":"j",)") + "\n");
    CHECK(tail.lines({LogLevel::debug, R"(a","job":"j)", ""}).empty());
}

TEST_CASE("a reader gets what is kept, then what comes, and is woken once for what it waits for") {
    LogTail tail;
    tail.add(LogLevel::info, line("before"));
    int woken = 0;
    LogTail::Reader reader(tail, {LogLevel::info, "", ""}, [&] { ++woken; });
    CHECK(reader.next(1000) == line("before") + "\n");
    CHECK(reader.next(1000).empty());
    tail.add(LogLevel::debug, line("not wanted"));
    CHECK(woken == 0);
    tail.add(LogLevel::info, line("1"));
    tail.add(LogLevel::info, line("2"));
    CHECK(woken == 1);
    CHECK(reader.next(1) == line("1") + "\n");
    CHECK(reader.next(1) == line("2") + "\n");
    CHECK(reader.next(1).empty());
}

TEST_CASE("a slow reader is told how many of the lines that it wants are gone, and reads on from there") {
    LogTail tail;
    LogTail::Reader slow(tail, {LogLevel::info, "", ""}, nobody);
    LogTail::Reader quick(tail, {}, nobody);
    std::size_t read = 0;
    for (int i = 0; i < 1500; ++i) {
        tail.add(i % 2 == 0 ? LogLevel::info : LogLevel::debug, line(std::to_string(i)));
        read += count(quick.next(1000));
    }
    CHECK(read == 1500);
    const std::string piece = slow.next(LogTail::kBytes);
    const auto gap = json::parse(piece.substr(0, piece.find('\n')));
    REQUIRE(gap);
    CHECK((*gap)["left_out"].GetUint64() == 250);
    CHECK(json::text_or(*gap, "level", "") == "warning");
    CHECK(json::text_or(*gap, "msg", "").starts_with("250 lines were left out"));
    CHECK(count(piece) == 1 + 500);
    CHECK(piece.find(line("498")) == std::string::npos);
    CHECK(piece.find(line("500")) != std::string::npos);
    CHECK(slow.next(1000).empty());
}

TEST_CASE("lines come from any thread while readers come and go") {
    LogTail tail;
    std::atomic<int> woken = 0;
    std::vector<std::thread> writers;
    for (int t = 0; t < 3; ++t)
        writers.emplace_back([&] {
            for (int i = 0; i < 2000; ++i) tail.add(LogLevel::info, line("x"));
        });
    std::size_t read = 0;
    for (int i = 0; i < 200; ++i) {
        LogTail::Reader reader(tail, {}, [&] { ++woken; });
        while (reader.next(100'000).empty()) std::this_thread::yield();
        ++read;
    }
    for (std::thread &writer : writers) writer.join();
    CHECK(read == 200);
    CHECK(count(tail.lines({})) == LogTail::kLines);
}
