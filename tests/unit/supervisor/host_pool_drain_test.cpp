// Draining: hosts of a generation that does not serve any more, at each phase of a slot. The tests run real processes of
// the fake host program.
//
// Each test is a coroutine on an event loop of its own, and must leave nothing running there.
#include "supervisor/fake_pool.hpp"

#include <signal.h>

#include <memory>
#include <vector>

using namespace angod;
using namespace angod::supervisor;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using How = JobEnd::How;
const auto kNever = Clock::time_point::max();

} // namespace

awaitable<void> test_drain_idle(Pool &pool) {
    { const auto lease = co_await pool.lease(Pool::spec(pool.generation(1))); }
    pool.pool->drain_others("plugin", 1, 60s);
    CHECK(pool.slot()->phase == SlotPhase::open); // its own generation
    pool.pool->drain_others("plugin", 2, 60s);
    co_await pool.pool->drained("plugin", 2, kNever);
    CHECK(pool.hosts() == 0);
    co_await pool.pool->stop();
}
TEST_CASE("an idle host of another generation ends at once") {
    Pool pool;
    pool.run(test_drain_idle(pool));
}

awaitable<void> test_drain_busy(Pool &pool) {
    Pool::Waiting waiting;
    {
        const auto lease = co_await pool.lease(Pool::spec(pool.generation(1)));
        pool.pool->drain_others("plugin", 2, 60s);
        CHECK(pool.slot()->phase == SlotPhase::draining);
        CHECK(pool.slot()->drains());
        co_await pool.pool->drained("plugin", 2, Clock::now() + 10ms);
        CHECK(pool.hosts() == 1);
        const auto newer = co_await pool.lease(Pool::spec(pool.generation(2))); // starts beside it
        CHECK(pool.hosts() == 2);
    }
    co_await pool.pool->drained("plugin", 2, kNever);
    CHECK(pool.hosts() == 1);
    co_await pool.pool->stop();
}
TEST_CASE("a busy host of another generation takes no further job and ends after its last") {
    Pool pool;
    pool.run(test_drain_busy(pool));
}

awaitable<void> test_drain_limit(Pool &pool) {
    auto lease = co_await pool.lease(Pool::spec(pool.generation(1)));
    Job job(pool.context.get_executor());
    job.start(pool.slot()->host, "job", "wait");
    co_await until([&] { return lease.host().running() == 1; });
    pool.pool->drain_others("plugin", 2, 0s);
    const JobEnd end = co_await job.ended();
    CHECK(end.how == How::stopped);
    co_await until([&] { return pool.hosts() == 0; });
    { const auto given_back = std::move(lease); }
    co_await pool.pool->stop();
}
TEST_CASE("a host that drains too long is ended, and its job restarts") {
    Pool pool;
    pool.run(test_drain_limit(pool));
}

awaitable<void> test_drain_death(Pool &pool) {
    auto spec = Pool::spec(pool.generation(1));
    bool lost = false;
    spec.lost = [&](bool, const std::string &) { lost = true; };
    auto lease = co_await pool.lease(spec);
    Job job(pool.context.get_executor());
    job.start(pool.slot()->host, "job", "wait");
    pool.pool->drain_others("plugin", 2, 60s);
    ::kill(lease.host().pid(), SIGKILL);
    const JobEnd end = co_await job.ended();
    CHECK(end.how == How::died_alone);
    { const auto given_back = std::move(lease); }
    co_await until([&] { return pool.hosts() == 0; });
    CHECK(!lost); // its generation does not serve any more, so no host is needed in its place
    co_await pool.pool->stop();
}
TEST_CASE("a host that dies while it drains is not reported as lost") {
    Pool pool;
    pool.run(test_drain_death(pool));
}

awaitable<void> test_drain_starting(Pool &pool) {
    Pool::Waiting waiting;
    pool.start(waiting, Pool::spec(pool.generation(1)));
    co_await until([&] { return pool.hosts() == 1; });
    REQUIRE(pool.slot()->phase == SlotPhase::starting);
    pool.pool->drain_others("plugin", 2, 60s);
    CHECK(pool.slot()->phase == SlotPhase::starting_stale);
    co_await until([&] { return waiting.got.has_value(); });
    REQUIRE(waiting.got->has_value()); // its job still runs
    CHECK(pool.slot()->phase == SlotPhase::draining);
    waiting.got.reset();
    co_await pool.pool->drained("plugin", 2, kNever);
    CHECK(pool.hosts() == 0);
    co_await pool.pool->stop();
}
TEST_CASE("a host that starts while its generation is replaced runs its job and ends") {
    Pool pool;
    pool.run(test_drain_starting(pool));
}

awaitable<void> test_three_drain(Pool &pool) {
    std::vector<HostPool::Lease> leases;
    std::vector<std::unique_ptr<Job>> jobs;
    for (std::uint64_t number = 1; number <= 3; ++number) {
        leases.push_back(co_await pool.lease(Pool::spec(pool.generation(number))));
        jobs.push_back(std::make_unique<Job>(pool.context.get_executor()));
        jobs.back()->start(pool.slot(number - 1)->host, std::to_string(number), "wait");
        co_await until([&] { return leases.back().host().running() == 1; });
    }
    pool.pool->drain_others("plugin", 4, 60s);
    const JobEnd end = co_await jobs[0]->ended();
    CHECK(end.how == How::stopped);
    CHECK(!jobs[1]->end);
    CHECK(!jobs[2]->end);
    co_await pool.pool->stop();
    co_await jobs[1]->ended();
    co_await jobs[2]->ended();
    leases.clear();
}
TEST_CASE("at most two generations drain at a time") {
    Pool pool;
    pool.run(test_three_drain(pool));
}

awaitable<void> test_no_overlap(Pool &pool) {
    const auto generation = pool.generation(1);
    auto spec = Pool::spec(generation);
    spec.overlap = false;
    Pool::Waiting waiting;
    {
        const auto lease = co_await pool.lease(spec);
        pool.pool->drain_others("plugin", 0, 60s); // the operator restarts the plugin
        const auto why = co_await pool.fails(spec, Sharing::shared, Clock::now() + 10ms);
        CHECK(why == AcquireFailure::none_free);
        const auto beside = co_await pool.lease(Pool::spec(generation)); // this one may overlap
        CHECK(pool.hosts() == 2);
    }
    co_await pool.pool->stop();
}
TEST_CASE("a plugin without overlap waits for its draining hosts") {
    Pool pool;
    pool.run(test_no_overlap(pool));
}
