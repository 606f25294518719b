#include "socketio/backoff.hpp"

#include <doctest/doctest.h>

using namespace angod::socketio;
using namespace std::chrono_literals;

TEST_CASE("waits lie between nothing and a limit that doubles up to the cap") {
    std::chrono::milliseconds longest{0};
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        Backoff backoff(seed);
        auto limit = Backoff::kFirst;
        for (int i = 0; i < 12; ++i) {
            const auto wait = backoff.next(0ms);
            CHECK(wait >= 0ms);
            CHECK(wait <= limit);
            longest = std::max(longest, wait);
            limit = std::min(Backoff::kCap, limit * 2);
        }
    }
    CHECK(longest > Backoff::kCap * 9 / 10);
}

TEST_CASE("a connection shorter than a minute does not start the waits over, a longer one does") {
    bool stayed_long = false;
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        Backoff backoff(seed);
        for (int i = 0; i < 10; ++i) backoff.next(0ms);
        stayed_long = stayed_long || backoff.next(59s) > 2s;
        CHECK(backoff.next(60s) <= Backoff::kFirst);
    }
    CHECK(stayed_long);
}
