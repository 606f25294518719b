// The places that jobs get in hosts: the table of a slot's phases, then the pool with host processes.
//
// The hosts are real processes of fake_angod_host, which speaks the real protocol and does what its module file says.
// Each case waits for a condition of the pool.
#include "supervisor/host_pool.hpp"

#include "supervisor/fake_hosts.hpp"

#include <signal.h>

#include <array>
#include <vector>

using namespace angod;
using namespace angod::supervisor;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using How = JobEnd::How;
const auto kNever = Clock::time_point::max();

struct Pool : FakeHosts {
    std::optional<HostPool> pool;

    explicit Pool(std::size_t max_hosts = 10) { pool.emplace(context.get_executor(), program, max_hosts, Log()); }

    GenerationPtr generation(std::uint64_t number, const std::string &lines = "id echo\nversion 1\n",
                             bool concurrent = false) const {
        Generation made;
        made.number = number;
        made.version.staged = module(lines, std::to_string(number) + ".so");
        made.version.info.id = "echo";
        made.version.info.concurrent = concurrent;
        return std::make_shared<const Generation>(made);
    }
    static PluginSpec spec(GenerationPtr generation, std::uint32_t concurrency = 1) {
        PluginSpec spec;
        spec.plugin = "plugin";
        spec.generation = std::move(generation);
        spec.concurrency = concurrency;
        spec.settings = "settings";
        return spec;
    }
    awaitable<HostPool::Lease> lease(PluginSpec spec, Sharing sharing = Sharing::shared) {
        auto got = co_await pool->acquire(std::move(spec), sharing, kNever);
        REQUIRE(got.has_value());
        co_return std::move(*got);
    }
    awaitable<AcquireFailure> fails(PluginSpec spec, Sharing sharing = Sharing::shared,
                                    Clock::time_point deadline = kNever) {
        auto got = co_await pool->acquire(std::move(spec), sharing, deadline);
        REQUIRE(!got);
        CHECK(!got.error().text.empty());
        co_return got.error().why;
    }
    std::shared_ptr<const HostPool::Slot> slot(std::size_t place = 0) const {
        const auto slots = pool->hosts_of("plugin");
        REQUIRE(slots.size() > place);
        return slots[place];
    }
    std::size_t hosts() const { return pool->hosts_of("plugin").size(); }
    /// A lease that is waited for beside the test.
    struct Waiting {
        std::optional<HostPool::Acquired> got;
    };
    static awaitable<void> wait_for(Pool &pool, Waiting &waiting, PluginSpec spec, Sharing sharing) {
        waiting.got.emplace(co_await pool.pool->acquire(std::move(spec), sharing, kNever));
    }
    void start(Waiting &waiting, PluginSpec spec, Sharing sharing = Sharing::shared) {
        spawn(context.get_executor(), "waiting", wait_for(*this, waiting, std::move(spec), sharing));
    }
};

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

// ---- draining

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
