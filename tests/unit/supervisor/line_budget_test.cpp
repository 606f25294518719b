#include "supervisor/line_budget.hpp"

#include <doctest/doctest.h>

using namespace angod::supervisor;
using namespace std::chrono_literals;

TEST_CASE("a burst is taken, then so many lines a second; the others are counted") {
    LineBudget budget;
    const auto now = LineBudget::Clock::now() + 1s;
    std::size_t taken = 0;
    for (int i = 0; i < 1000; ++i) taken += budget.take(now);
    CHECK(taken == static_cast<std::size_t>(LineBudget::kBurst));
    CHECK(budget.left_out() == 1000 - taken);
    CHECK(!budget.left(now));
    std::size_t later = 0;
    for (int i = 0; i < 1000; ++i) later += budget.take(now + 2s);
    CHECK(later == static_cast<std::size_t>(2 * LineBudget::kPerSecond));
    budget.leave_out(5);
    CHECK(budget.left_out() == 2000 - taken - later + 5);
}

TEST_CASE("a long silence gives no more than one burst") {
    LineBudget budget;
    const auto now = LineBudget::Clock::now() + 24h;
    std::size_t taken = 0;
    for (int i = 0; i < 1000; ++i) taken += budget.take(now);
    CHECK(taken == static_cast<std::size_t>(LineBudget::kBurst));
}
