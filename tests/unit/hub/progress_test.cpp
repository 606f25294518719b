#include "hub/progress.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace std::chrono_literals;
using angod::hub::Progress;

namespace {

const Progress::Clock::time_point kStart = Progress::Clock::time_point() + 1h;

/// A run whose module reports each second.
struct Run {
    Progress progress{kStart};
    Progress::Clock::time_point now = kStart;
    std::vector<std::string> lines;

    void second(std::uint64_t done, std::uint64_t total) {
        now += 1s;
        if (const auto line = progress.report(done, total, now)) lines.push_back(*line);
    }
    /// Goes on at this speed.
    void seconds(int count, std::uint64_t &done, std::uint64_t each, std::uint64_t total) {
        for (int i = 0; i < count; ++i) second(done += each, total);
    }
};

} // namespace

TEST_CASE("a short run says nothing, not even at its end") {
    Run run;
    std::uint64_t done = 0;
    run.seconds(4, done, 25, 100);
    CHECK(run.lines.empty());
    CHECK(!run.progress.end(true, run.now));
}

TEST_CASE("a long run says how far it is and how long it takes, more seldom as it goes on, and how it ended") {
    Run run;
    std::uint64_t done = 0;
    run.seconds(5, done, 410, 100'000);
    CHECK(run.lines == std::vector<std::string>{"2,050 of 100,000 done (2 %)"}); // four seconds are too few
    run.seconds(25, done, 410, 100'000);
    CHECK(run.lines.back() == "12,300 of 100,000 done (12 %), about 4 min to go");
    CHECK(run.lines.size() == 6); // each 5 s
    run.seconds(90, done, 410, 100'000);
    CHECK(run.lines.size() < 22);
    run.seconds(123, done, 410, 100'000);
    CHECK(run.lines.size() < 30);
    done = 99'900;
    for (int i = 0; i < 31; ++i) run.second(done, 100'000);
    CHECK(run.lines.back() == "99,900 of 100,000 done (99 %), a few seconds to go");
    run.second(100'000, 100'000);
    CHECK(run.progress.end(true, run.now) == "100,000 of 100,000 done in 5 min");
    CHECK(run.progress.end(false, run.now) == "ended after 5 min with 100,000 of 100,000 done (100 %)");
}

TEST_CASE("without a total there is no estimate") {
    Run run;
    std::uint64_t done = 0;
    run.seconds(10, done, 1000, 0);
    CHECK(run.lines == std::vector<std::string>{"5,000 done", "10,000 done"});
    CHECK(run.progress.end(true, run.now) == "10,000 done in 10 s");
}

TEST_CASE("a slow start is not taken for a speed") {
    Run run;
    std::uint64_t done = 0;
    run.seconds(50, done, 1, 1'000'000);
    for (const std::string &line : run.lines) CHECK(line.find("to go") == std::string::npos);
    run.seconds(30, done, 1000, 1'000'000);
    CHECK(run.lines.back().find("about") != std::string::npos);
}

TEST_CASE("what goes backwards is measured anew") {
    Run run;
    std::uint64_t done = 0;
    run.seconds(20, done, 100, 10'000);
    CHECK(run.lines.back() == "2,000 of 10,000 done (20 %), about 1 min to go");
    done = 0;
    run.seconds(5, done, 10, 10'000);
    CHECK(run.lines.back() == "50 of 10,000 done (0 %)");
}

TEST_CASE("a total may change, or turn out to be wrong") {
    Run run;
    std::uint64_t done = 0;
    run.seconds(10, done, 100, 10'000);
    CHECK(run.lines.back() == "1,000 of 10,000 done (10 %), about 2 min to go");
    run.seconds(10, done, 100, 20'000);
    CHECK(run.lines.back() == "2,000 of 20,000 done (10 %), about 3 min to go");
    run.seconds(5, done, 100, 1'000);
    CHECK(run.lines.back() == "2,500 done");
    CHECK(run.progress.end(true, run.now) == "2,500 done in 25 s");
}

TEST_CASE("a run that stands still has no time to go, and a new speed soon counts") {
    Run run;
    std::uint64_t done = 0;
    run.seconds(60, done, 100, 100'000);
    CHECK(run.lines.back().find("to go") != std::string::npos);
    for (int i = 0; i < 150; ++i) run.second(done, 100'000);
    CHECK(run.lines.back() == "6,000 of 100,000 done (6 %)");
    run.seconds(200, done, 200, 100'000);
    CHECK(run.lines.back() == "44,000 of 100,000 done (44 %), about 5 min to go");
}

TEST_CASE("nothing overflows, and no estimate is absurd") {
    Run run;
    const std::uint64_t most = UINT64_MAX;
    for (int i = 0; i < 70; ++i) run.second(static_cast<std::uint64_t>(i), most);
    CHECK(run.lines.back() == "64 of 18,446,744,073,709,551,615 done (0 %)");
    for (int i = 0; i < 31; ++i) run.second(most, most);
    CHECK(run.lines.back() == "18,446,744,073,709,551,615 of 18,446,744,073,709,551,615 done (100 %)");
}
