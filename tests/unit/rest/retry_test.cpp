#include "rest/retry.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace angod;
using namespace angod::rest;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// A world where waiting takes no time and is written down.
struct FakeWorld {
    std::vector<milliseconds> waits;
    std::chrono::steady_clock::time_point now{};
    double random = 0;
    bool cancelled = false;

    RetryWorld world() {
        return {[this](milliseconds time) {
                    waits.push_back(time);
                    now += time;
                    return cancelled;
                },
                [this] { return now; }, [this] { return random; }};
    }
};

} // namespace

TEST_CASE("429, 408 and 5xx are tried again, other statuses are not") {
    for (const long status : {408, 429, 500, 502, 503, 504, 520}) CHECK(retryable(status));
    for (const long status : {200, 301, 400, 401, 403, 404, 409, 413, 422, 501, 505}) CHECK_FALSE(retryable(status));
}

TEST_CASE("lost connections and time-outs are tried again, other failures are not") {
    CHECK(retryable(Code::network));
    CHECK(retryable(Code::timeout));
    for (const Code code : {Code::protocol, Code::limit, Code::cancelled, Code::io, Code::remote})
        CHECK_FALSE(retryable(code));
}

TEST_CASE("delays double up to the maximum, and jitter takes at most half of them away") {
    FakeWorld low, high;
    high.random = 1;
    Retry a({.attempts = 6, .base_delay = 100ms, .max_delay = 500ms}, low.world());
    Retry b({.attempts = 6, .base_delay = 100ms, .max_delay = 500ms}, high.world());
    while (a.again("x")) {
    }
    while (b.again("x")) {
    }
    CHECK(low.waits == std::vector<milliseconds>{50ms, 100ms, 200ms, 250ms, 250ms});
    CHECK(high.waits == std::vector<milliseconds>{100ms, 200ms, 400ms, 500ms, 500ms});
}

TEST_CASE("attempts counts the first one") {
    FakeWorld fake;
    Retry retry({.attempts = 3}, fake.world());
    CHECK(retry.again("x"));
    CHECK(retry.again("x"));
    CHECK_FALSE(retry.again("x"));
    CHECK(retry.last_words() == " Tried 3 times. Run the plugin again later.");
}

TEST_CASE("a server's wish counts, but only up to a bound") {
    FakeWorld fake;
    Retry retry({.attempts = 9, .base_delay = 100ms, .max_retry_after = 60s}, fake.world());
    retry.again("x", 30s);
    retry.again("x", 3600s);
    retry.again("x", 0ms); // never less than our own delay
    CHECK(fake.waits == std::vector<milliseconds>{30s, 60s, 200ms});
}

TEST_CASE("no attempt begins behind the time budget") {
    FakeWorld fake;
    Retry retry({.attempts = 100, .base_delay = 1s, .max_delay = 1s, .total = 3s}, fake.world());
    int tries = 0;
    fake.random = 1;
    while (retry.again("x")) ++tries;
    CHECK(tries == 3);
}

TEST_CASE("a cancel during the wait ends the attempts") {
    FakeWorld fake;
    fake.cancelled = true;
    Retry retry({}, fake.world());
    CHECK_FALSE(retry.again("x"));
    CHECK(fake.waits.size() == 1);
}

TEST_CASE("progress starts the counting anew") {
    FakeWorld fake;
    Retry retry({.attempts = 2, .base_delay = 100ms}, fake.world());
    for (int i = 0; i < 10; ++i) {
        CHECK(retry.again("x"));
        retry.made_progress();
    }
}

TEST_CASE("every retry is told, with its reason and number") {
    FakeWorld fake;
    std::vector<std::string> told;
    Retry retry({.attempts = 3, .base_delay = 100ms}, fake.world(),
                [&](std::string_view what, milliseconds delay, unsigned attempt) {
                    told.push_back(std::string(what) + " " + std::to_string(delay.count()) + " " +
                                   std::to_string(attempt));
                });
    retry.again("first");
    retry.again("second");
    retry.again("third");
    CHECK(told == std::vector<std::string>{"first 50 2", "second 100 3"});
}
