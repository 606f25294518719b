#include "supervisor/crash_count.hpp"

#include <doctest/doctest.h>

using namespace angod::supervisor;
using namespace std::chrono_literals;

namespace {

const CrashCount::Clock::time_point kStart = CrashCount::Clock::now();

/// The crash that is too many, at a time.
bool crash_thrice(CrashCount &crashes, CrashCount::Clock::time_point at) {
    CHECK(!crashes.add(at));
    CHECK(!crashes.add(at));
    return crashes.add(at);
}

} // namespace

TEST_CASE("so many crashes within the time are too many, and counting starts anew") {
    CrashCount crashes({3, 60s});
    CHECK(!crashes.add(kStart));
    CHECK(!crashes.add(kStart + 30s));
    CHECK(crashes.pause(kStart + 30s) == 0s);
    CHECK(crashes.add(kStart + 59s));
    CHECK(crashes.pause(kStart + 59s) == CrashCount::kFirstPause);
    CHECK(crashes.pause(kStart + 61s) == CrashCount::kFirstPause - 2s);
    CHECK(crashes.pause(kStart + 59s + CrashCount::kFirstPause) == 0s);
    CHECK(!crashes.add(kStart + 64s)); // the first two do not count any more
    CHECK(!crashes.add(kStart + 64s));
    CHECK(crashes.add(kStart + 64s));
}

TEST_CASE("crashes that lie further apart are never too many") {
    CrashCount crashes({3, 60s});
    for (int i = 0; i < 100; ++i) CHECK(!crashes.add(kStart + i * 31s));
    CHECK(crashes.pause(kStart + 100 * 31s) == 0s);
}

TEST_CASE("with a limit of one each crash pauses") {
    CrashCount crashes({1, 60s});
    CHECK(crashes.add(kStart));
    CHECK(crashes.pause(kStart) == CrashCount::kFirstPause);
}

TEST_CASE("pauses in a row get longer up to a limit, and short again after a good while") {
    CrashCount crashes({3, 60s});
    auto now = kStart;
    auto expected = CrashCount::kFirstPause;
    for (int i = 0; i < 8; ++i) {
        CHECK(crash_thrice(crashes, now));
        CHECK(crashes.pause(now) == expected);
        now += expected;
        expected = std::min(expected * 2, CrashCount::kLongestPause);
    }
    CHECK(expected == CrashCount::kLongestPause);
    now += 61s; // well for longer than the time
    CHECK(crash_thrice(crashes, now));
    CHECK(crashes.pause(now) == CrashCount::kFirstPause);
}
