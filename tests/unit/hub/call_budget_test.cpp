// The budget of one key with times that the test makes up, and all budgets together on a real event loop.
//
// Waits of the second part are a tenth of a second; the test waits for the calls and never for a time.
#include "hub/call_budget.hpp"

#include "within.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <string>
#include <vector>

using namespace angod;
using namespace angod::hub;
using namespace std::chrono_literals;

namespace {

constexpr auto kUser = Urgency::user_waits, kNobody = Urgency::nobody_waits;
const KeyBudget::Time kStart{1000h};

/// Calls that are granted at this moment, up to a number.
int take(KeyBudget &budget, KeyBudget::Time now, Urgency urgency, int most = 1'000) {
    int taken = 0;
    for (; taken < most && budget.allows(now, urgency); ++taken) budget.count(now);
    return taken;
}

} // namespace

TEST_CASE("a configured limit holds in every stretch of a minute, and a tenth is kept for users") {
    KeyBudget budget(100);
    CHECK(budget.state() == BudgetState::limited);
    CHECK(take(budget, kStart, kNobody) == 90);
    CHECK(take(budget, kStart + 30s, kUser) == 10);
    CHECK_FALSE(budget.allows(kStart + 60s, kUser));
    CHECK(budget.next(kUser) == kStart + 61s);
    CHECK(budget.next(kNobody) == kStart + 61s);
    CHECK(take(budget, kStart + 61s, kNobody) == 80); // with the ten of the users, 90
    CHECK(take(budget, kStart + 61s, kUser) == 10);
    CHECK(budget.next(kUser) == kStart + 91s);
}

TEST_CASE("a small limit is given out whole") {
    KeyBudget budget(1);
    CHECK(take(budget, kStart, kNobody) == 1);
    CHECK(budget.next(kNobody) == kStart + 61s);
    CHECK(take(budget, kStart + 61s, kUser) == 1);
}

TEST_CASE("without a limit all calls are granted, until Hub refuses one; the limit is then those that it took") {
    KeyBudget budget(0);
    CHECK(budget.state() == BudgetState::unlimited);
    CHECK(take(budget, kStart, kNobody, 116) == 116);
    for (int i = 0; i < 16; ++i) budget.refused(kStart + 1s, i == 7 ? 60s : 59s);
    CHECK(budget.state() == BudgetState::paused);
    CHECK_FALSE(budget.allows(kStart + 60s, kUser));
    CHECK(budget.next(kUser) == kStart + 61s);
    CHECK(take(budget, kStart + 61s, kNobody) == 90);
    CHECK(budget.limit() == 100);
    CHECK(budget.state() == BudgetState::limited);
    CHECK(take(budget, kStart + 61s + 10min, kNobody, 500) == 500); // forgotten
    CHECK(budget.state() == BudgetState::unlimited);
}

TEST_CASE("if Hub tells no time, the wait is ten seconds, and the limit holds for the rest of the minute") {
    KeyBudget budget(0);
    CHECK(take(budget, kStart, kNobody, 60) == 60);
    for (int i = 0; i < 10; ++i) budget.refused(kStart + 1s, std::nullopt);
    CHECK(budget.next(kUser) == kStart + 11s);
    CHECK(take(budget, kStart + 11s, kUser) == 0);
    CHECK(budget.limit() == 50);
    CHECK(take(budget, kStart + 61s, kUser) == 50);
}

TEST_CASE("a refusal that does not look like a limit of calls in a minute only causes a wait") {
    KeyBudget budget(0);
    CHECK(take(budget, kStart, kNobody, 500) == 500);
    budget.refused(kStart + 1s, 1s);
    CHECK_FALSE(budget.allows(kStart + 1s, kNobody));
    CHECK(take(budget, kStart + 2s, kNobody, 500) == 500);
    CHECK(budget.limit() == 0);
}

TEST_CASE("a steady stream of calls that is refused for a moment has met the limit") {
    KeyBudget budget(0);
    for (int i = 0; i < 110; ++i) CHECK(take(budget, kStart + i * 550ms, kNobody, 1) == 1);
    budget.refused(kStart + 60500ms, 1s);
    take(budget, kStart + 61500ms, kNobody);
    CHECK(budget.limit() == 109);
}

TEST_CASE("a refusal after few calls only causes a wait") {
    KeyBudget budget(0);
    CHECK(take(budget, kStart, kUser, 5) == 5);
    budget.refused(kStart, 60s);
    CHECK_FALSE(budget.allows(kStart + 59s, kUser));
    CHECK(take(budget, kStart + 60s, kUser, 500) == 500);
    CHECK(budget.limit() == 0);
}

TEST_CASE("a configured limit is not learned again, and a new one counts at once") {
    KeyBudget budget(50);
    CHECK(take(budget, kStart, kUser) == 50);
    for (int i = 0; i < 10; ++i) budget.refused(kStart, 5s);
    CHECK_FALSE(budget.allows(kStart + 5s, kUser));
    CHECK(budget.limit() == 50);
    budget.configure(60);
    CHECK(take(budget, kStart + 5s, kUser) == 10);
    budget.refused(kStart + 5s, 55s);
    budget.configure(0);
    CHECK(take(budget, kStart + 60s, kUser, 500) == 0); // 59 calls were taken in this minute: learned
    CHECK(budget.limit() == 59);
    budget.configure(70);
    budget.configure(0);
    CHECK(take(budget, kStart + 60s, kUser, 500) == 500);
}

TEST_CASE("a key is idle when nothing of it has to be kept") {
    KeyBudget budget(0);
    CHECK(budget.idle(kStart));
    CHECK(take(budget, kStart, kUser, 1) == 1);
    CHECK_FALSE(budget.idle(kStart + 60s));
    CHECK(budget.idle(kStart + 61s));
    budget.refused(kStart + 61s, 1s);
    CHECK_FALSE(budget.idle(kStart + 61s));
    CHECK(budget.idle(kStart + 62s));
}

TEST_CASE("the table of the budget's states") {
    constexpr BudgetState states[] = {BudgetState::unlimited, BudgetState::limited, BudgetState::paused};
    constexpr BudgetEvent events[] = {BudgetEvent::refused, BudgetEvent::wait_over_limited, BudgetEvent::wait_over,
                                      BudgetEvent::configured, BudgetEvent::forgotten};
    std::size_t known = 0;
    for (const BudgetState from : states)
        for (const BudgetEvent event : events) known += next_state(from, event).has_value();
    CHECK(known == std::size(kBudgetTransitions)); // none stands twice
    for (const BudgetTransition &one : kBudgetTransitions) CHECK(next_state(one.from, one.event) == one.to);
}

namespace {

struct Rig {
    asio::io_context context;
    std::chrono::seconds ahead{0}; ///< of the real clock
    CallBudget budget{context.get_executor(), [this] { return std::chrono::steady_clock::now() + ahead; }};
    std::vector<std::string> granted;
    bool are_gone = false; ///< those that wait
    Signal changed{context.get_executor()};

    void want(const std::string &key, Urgency urgency, const std::string &name) {
        budget.want(key, urgency, [this, name] {
            granted.push_back(name);
            changed.wake_all();
            return !are_gone;
        });
    }
    void until(std::size_t count) { within_limit(context, wait(*this, count)); }

private:
    static awaitable<void> wait(Rig &rig, std::size_t count) {
        while (rig.granted.size() < count) co_await rig.changed.wait();
    }
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("calls wait after a refusal, those of users go first, and other keys go on") {
    Rig rig;
    rig.want("a", kNobody, "a1");
    CHECK(rig.granted == Names{"a1"});
    rig.budget.refused("a", 100ms);
    rig.want("a", kNobody, "a2");
    rig.want("a", kUser, "a3");
    rig.want("b", kNobody, "b1");
    CHECK(rig.granted == Names{"a1", "b1"});
    CHECK(rig.budget.waiting() == 2);
    rig.until(4);
    CHECK(rig.granted == Names{"a1", "b1", "a3", "a2"});
    CHECK(rig.budget.waiting() == 0);
    CHECK(rig.budget.calls() == 4);
    CHECK(rig.budget.refusals() == 1);
}

TEST_CASE("calls that nobody wants any more do not count") {
    Rig rig;
    rig.budget.configure(1);
    CHECK(rig.budget.take("a", kUser));
    CHECK_FALSE(rig.budget.take("a", kUser));
    for (const char *name : {"a1", "a2", "a3"}) rig.want("a", kUser, name);
    rig.are_gone = true;
    rig.ahead = 61s;
    rig.budget.configure(2); // wakes those that wait
    rig.until(3);
    CHECK(rig.budget.calls() == 1);
    CHECK(rig.budget.take("a", kUser));
    CHECK(rig.budget.take("a", kUser));
    CHECK_FALSE(rig.budget.take("a", kUser));
}

TEST_CASE("a call that is taken at once goes behind those of its own and of a higher urgency that wait") {
    Rig rig;
    rig.budget.configure(1);
    CHECK(rig.budget.take("a", kNobody)); // nobody waits
    rig.want("a", kNobody, "a1");
    rig.ahead = 61s;
    CHECK_FALSE(rig.budget.take("a", kNobody)); // the place is that of a1
    CHECK(rig.budget.take("b", kNobody));
    CHECK(rig.budget.take("a", kUser));
    rig.want("a", kUser, "a2");
    rig.ahead = 122s;
    CHECK_FALSE(rig.budget.take("a", kUser));
    CHECK_FALSE(rig.budget.take("a", kNobody));
    rig.budget.configure(2); // wakes those that wait
    rig.until(2);
    CHECK(rig.granted == Names{"a2", "a1"});
}

TEST_CASE("a new limit reaches calls that wait") {
    Rig rig;
    rig.budget.configure(1);
    for (const char *name : {"a1", "a2", "a3"}) rig.want("a", kUser, name);
    CHECK(rig.granted == Names{"a1"});
    rig.budget.configure(0);
    rig.until(3);
    rig.want("a", kNobody, "a4");
    CHECK(rig.granted == Names{"a1", "a2", "a3", "a4"});
}

TEST_CASE("no refusal holds a key up for longer than two minutes") {
    Rig rig;
    rig.budget.refused("a", 24h);
    rig.ahead = 119s;
    CHECK_FALSE(rig.budget.take("a", kUser));
    rig.ahead = 121s;
    CHECK(rig.budget.take("a", kUser));
}

TEST_CASE("keys that have nothing to keep are forgotten") {
    Rig rig;
    for (int i = 0; i < 64; ++i) CHECK(rig.budget.take("key " + std::to_string(i), kUser));
    rig.ahead = 30s;
    CHECK(rig.budget.take("young", kUser));
    CHECK(rig.budget.keys() == 65); // the calls of the last minute have to be kept
    rig.ahead = 62s;
    for (int i = 0; i < 64; ++i) CHECK(rig.budget.take("later " + std::to_string(i), kUser));
    CHECK(rig.budget.keys() == 65);
}
