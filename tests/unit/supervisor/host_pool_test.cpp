// The places that the pool gives to jobs, its failures, and the ends of hosts, with real processes of the fake host
// program. Draining has a test file of its own.
//
// Each test is a coroutine on an event loop of its own, and must leave nothing running there. It may not have captures
// (base/async.hpp), so it stands in front of its TEST_CASE as a function.
#include "supervisor/host_pool.hpp"

#include "supervisor/fake_pool.hpp"

#include <signal.h>

using namespace angod;
using namespace angod::supervisor;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using How = JobEnd::How;
const auto kNever = Clock::time_point::max();

void check(SlotPhase from, SlotEvent event, SlotPhase to) {
    CAPTURE(static_cast<int>(from));
    CAPTURE(static_cast<int>(event));
    CHECK(next_phase(from, event) == to);
}

} // namespace

TEST_CASE("every transition of a slot's phases") {
    using P = SlotPhase;
    using E = SlotEvent;
    check(P::starting, E::up, P::open);
    check(P::starting, E::drain, P::starting_stale);
    check(P::starting, E::drop, P::dropped);
    check(P::starting, E::retire, P::starting);
    check(P::starting_stale, E::up, P::draining);
    check(P::starting_stale, E::drain, P::starting_stale);
    check(P::starting_stale, E::drop, P::dropped);
    check(P::starting_stale, E::retire, P::starting_stale);
    check(P::open, E::up, P::open);
    check(P::open, E::drain, P::draining);
    check(P::open, E::drop, P::open);
    check(P::open, E::retire, P::leaving);
    check(P::draining, E::up, P::draining);
    check(P::draining, E::drain, P::draining);
    check(P::draining, E::drop, P::draining);
    check(P::draining, E::retire, P::leaving);
    for (const E event : {E::up, E::drain, E::drop, E::retire}) {
        check(P::dropped, event, P::dropped);
        check(P::leaving, event, P::leaving);
    }
}

// ---- places

awaitable<void> test_places(Pool &pool) {
    const auto generation = pool.generation(1);
    Pool::Waiting second;
    {
        const auto lease = co_await pool.lease(Pool::spec(generation));
        CHECK(pool.slot()->phase == SlotPhase::open);
        CHECK(pool.slot()->used == 1);
        const auto why = co_await pool.fails(Pool::spec(generation), Sharing::shared, Clock::now() + 10ms);
        CHECK(why == AcquireFailure::none_free);
        pool.start(second, Pool::spec(generation));
    }
    co_await until([&] { return second.got.has_value(); });
    REQUIRE(second.got->has_value());
    CHECK(pool.hosts() == 1); // the same host
    second.got.reset();
    CHECK(pool.slot()->used == 0);
    co_await pool.pool->stop();
    CHECK(pool.hosts() == 0);
}
TEST_CASE("a host is started for the first job, serves the next, and is waited for while it is busy") {
    Pool pool;
    pool.run(test_places(pool));
}

awaitable<void> test_concurrency(Pool &pool) {
    {
        const auto one_at_a_time = pool.generation(1);
        const auto first = co_await pool.lease(Pool::spec(one_at_a_time, 2));
        const auto second = co_await pool.lease(Pool::spec(one_at_a_time, 2));
        CHECK(pool.hosts() == 2);
        const auto why = co_await pool.fails(Pool::spec(one_at_a_time, 2), Sharing::shared, Clock::now() + 10ms);
        CHECK(why == AcquireFailure::none_free);
    }
    auto side_by_side = Pool::spec(pool.generation(2, "id echo\nversion 2\nconcurrent\n", true), 2);
    side_by_side.plugin = "other";
    {
        const auto first = co_await pool.lease(side_by_side);
        const auto second = co_await pool.lease(side_by_side);
        CHECK(pool.pool->hosts_of("other").size() == 1);
        const auto why = co_await pool.fails(side_by_side, Sharing::shared, Clock::now() + 10ms);
        CHECK(why == AcquireFailure::none_free);
        const auto isolated = co_await pool.lease(side_by_side, Sharing::isolated); // in a host of its own
        CHECK(pool.pool->hosts_of("other").size() == 2);
        const auto next = co_await pool.fails(side_by_side, Sharing::isolated, Clock::now() + 10ms);
        CHECK(next == AcquireFailure::none_free); // isolated jobs run one after the other
    }
    const auto isolated = co_await pool.lease(side_by_side, Sharing::isolated);
    CHECK(pool.pool->hosts_of("other").size() == 2);
    co_await pool.pool->stop();
}
TEST_CASE("a plugin's jobs share a host or have one each, and an isolated job has its host for itself") {
    Pool pool;
    pool.run(test_concurrency(pool));
}

awaitable<void> test_room(Pool &pool) {
    auto other = Pool::spec(pool.generation(1));
    other.plugin = "other";
    {
        const auto lease = co_await pool.lease(Pool::spec(pool.generation(1)));
        const auto why = co_await pool.fails(other, Sharing::shared, Clock::now() + 10ms);
        CHECK(why == AcquireFailure::none_free);
    }
    const auto lease = co_await pool.lease(other); // the idle one has made room
    CHECK(pool.hosts() == 0);
    CHECK(pool.pool->hosts() == 1);
    co_await pool.pool->stop();
}
TEST_CASE("an idle host makes room for another plugin's") {
    Pool pool(1);
    pool.run(test_room(pool));
}

// ---- failures

awaitable<void> test_failures(Pool &pool) {
    const std::string good = "id echo\nversion 1\n";
    AcquireFailure why = co_await pool.fails(Pool::spec(pool.generation(1, "load refuse")));
    CHECK(why == AcquireFailure::refused);
    why = co_await pool.fails(Pool::spec(pool.generation(2, good + "create refuse")));
    CHECK(why == AcquireFailure::refused);
    why = co_await pool.fails(Pool::spec(pool.generation(3, "load crash")));
    CHECK(why == AcquireFailure::host_died);
    why = co_await pool.fails(Pool::spec(pool.generation(4, good + "create crash")));
    CHECK(why == AcquireFailure::host_died);
    CHECK(pool.pool->hosts() == 0);
    auto unwanted = Pool::spec(pool.generation(5));
    unwanted.wanted = [] { return false; };
    why = co_await pool.fails(unwanted);
    CHECK(why == AcquireFailure::not_wanted);
    auto changes_its_mind = Pool::spec(pool.generation(6));
    changes_its_mind.wanted = [asked = std::make_shared<int>()] { return ++*asked < 2; };
    why = co_await pool.fails(changes_its_mind);
    CHECK(why == AcquireFailure::not_wanted);
    CHECK(pool.pool->hosts() == 0);
    const auto lease = co_await pool.lease(Pool::spec(pool.generation(7))); // failures leave nothing behind
    co_await pool.pool->stop();
    why = co_await pool.fails(Pool::spec(pool.generation(8)));
    CHECK(why == AcquireFailure::not_wanted);
}
TEST_CASE("acquire says why it found no place") {
    Pool pool;
    pool.run(test_failures(pool));
}

TEST_CASE("a host that cannot be started is a failure of its own") {
    Pool pool;
    const auto folder = Program::open("/");
    if (!folder) {
        CHECK(!folder.error().text.empty()); // then no program can be opened that cannot be started
        return;
    }
    HostPool broken(pool.context.get_executor(), *folder, 1, Log());
    std::optional<AcquireFailure> why;
    pool.run([](HostPool &hosts, PluginSpec spec, std::optional<AcquireFailure> &failure) -> awaitable<void> {
        const auto got = co_await hosts.acquire(std::move(spec), Sharing::shared, kNever);
        REQUIRE(!got);
        failure = got.error().why;
    }(broken, Pool::spec(pool.generation(1)), why));
    CHECK(why == AcquireFailure::not_started);
}

awaitable<void> test_stop_starting(Pool &pool) {
    const auto hangs = pool.generation(1, "load hang");
    Pool::Waiting waiting;
    pool.start(waiting, Pool::spec(hangs));
    co_await until([&] { return pool.hosts() == 1 && pool.slot()->host; });
    CHECK(pool.slot()->phase == SlotPhase::starting);
    CHECK(!pool.slot()->up());
    pool.pool->stop_starting("plugin", *hangs);
    CHECK(pool.slot()->phase == SlotPhase::dropped);
    co_await until([&] { return waiting.got.has_value(); });
    REQUIRE(!*waiting.got);
    CHECK(waiting.got->error().why == AcquireFailure::not_wanted);
    CHECK(pool.hosts() == 0);

    const auto serves = pool.generation(2);
    const auto lease = co_await pool.lease(Pool::spec(serves));
    pool.pool->stop_starting("plugin", *serves); // it is up
    CHECK(pool.slot()->phase == SlotPhase::open);
    co_await pool.pool->stop();
}
TEST_CASE("a start can be given up; a host that is up stays") {
    Pool pool;
    pool.run(test_stop_starting(pool));
}

// ---- the end of a host

awaitable<void> test_idle(Pool &pool) {
    auto spec = Pool::spec(pool.generation(1));
    spec.idle = 1s; // the shortest that there is
    bool lost = false;
    spec.lost = [&](bool, const std::string &) { lost = true; };
    { const auto lease = co_await pool.lease(spec); }
    co_await until([&] { return pool.hosts() == 0; });
    CHECK(!lost);
    co_await pool.pool->stop();
}
TEST_CASE("a host that has been idle long enough is ended") {
    Pool pool;
    pool.run(test_idle(pool));
}

awaitable<void> test_lost(Pool &pool) {
    auto spec = Pool::spec(pool.generation(1));
    std::string told;
    spec.lost = [&](bool idle, const std::string &how) { told = (idle ? "idle: " : "busy: ") + how; };
    { const auto lease = co_await pool.lease(spec); }
    ::kill(pool.slot()->host->pid(), SIGKILL);
    co_await until([&] { return !told.empty(); });
    CHECK(told.starts_with("idle: the host was ended by signal 9"));
    CHECK(pool.hosts() == 0);

    told.clear();
    Job job(pool.context.get_executor());
    auto lease = co_await pool.lease(spec);
    job.start(pool.slot()->host, "job", "crash");
    co_await until([&] { return !told.empty(); });
    CHECK(told.starts_with("busy: "));
    { const auto given_back = std::move(lease); }
    co_await job.ended();
    co_await pool.pool->stop();
}
TEST_CASE("the plugin learns of a host that died, and whether it was idle") {
    Pool pool;
    pool.run(test_lost(pool));
}

awaitable<void> test_stop(Pool &pool) {
    auto idle = Pool::spec(pool.generation(1)), starting = Pool::spec(pool.generation(2, "load hang"));
    idle.plugin = "idle";
    starting.plugin = "starting";
    { const auto lease = co_await pool.lease(idle); }
    auto lease = co_await pool.lease(Pool::spec(pool.generation(3)));
    Job job(pool.context.get_executor());
    job.start(pool.slot()->host, "job", "hang");
    Pool::Waiting starts, waits;
    pool.start(starts, starting);
    pool.start(waits, Pool::spec(pool.generation(3)));
    co_await until([&] { return pool.pool->hosts_of("starting").size() == 1 && lease.host().running() == 1; });
    co_await pool.pool->stop();
    CHECK(pool.pool->hosts() == 0);
    const JobEnd end = co_await job.ended();
    CHECK(end.how == How::stopped);
    co_await until([&] { return starts.got && waits.got; });
    CHECK(starts.got->error().why == AcquireFailure::not_wanted);
    CHECK(waits.got->error().why == AcquireFailure::not_wanted);
    { const auto given_back = std::move(lease); }
}
TEST_CASE("a stop ends idle, busy and starting hosts and every acquire that waits") {
    Pool pool;
    pool.run(test_stop(pool));
}
