// The hosts of one plugin: a real pool with real processes of the fake host program, real modules and real counters.
//
// The module file says how a host behaves, and the event of a job says how the job does (fake_angod_host.cpp). A host that
// is to die while it has no job is killed by its process id.
#include "app/plugin_hosts.hpp"

#include "app/real_parts.hpp"

#include <signal.h>

using namespace angod;
using namespace angod::app;
using namespace std::chrono_literals;
using supervisor::AcquireFailure;
using supervisor::Sharing;
using Clock = std::chrono::steady_clock;
using How = supervisor::JobEnd::How;

namespace {

struct World : RealParts {
    config::Plugin own = plugin();
    std::optional<PluginHosts> of_p;
    bool wanted = true;
    int times_lost = 0;

    World() {
        config.crash.count = 2;
        own.concurrency = 2;
        own.memory_mb = 512;
        of_p.emplace(*shared, own, Log());
        of_p->on_lost([this] { ++times_lost; });
    }
    ~World() { finish(); }
    supervisor::GenerationPtr generation() const { return modules->find("echo"); }

    /// A place that is waited for beside the test.
    struct Waiting {
        std::optional<Hosts::Acquired> got;
        bool has_place() const { return got && got->has_value(); }
    };
    void ask(Waiting &waiting, Clock::time_point deadline = Clock::time_point::max()) {
        std::function<bool()> still = [this] { return wanted; };
        run_beside(
            [](World &w, Waiting &one, std::function<bool()> condition, Clock::time_point at) -> awaitable<void> {
                auto got = co_await w.of_p->acquire(w.generation(), Sharing::shared, at, std::move(condition));
                one.got.emplace(std::move(got));
            }(*this, waiting, std::move(still), deadline));
    }
    void acquire(Waiting &waiting) {
        ask(waiting);
        until([&] { return waiting.got.has_value(); });
        REQUIRE(waiting.has_place());
    }
    AcquireFailure failure(Clock::time_point deadline = Clock::time_point::max()) {
        Waiting waiting;
        ask(waiting, deadline);
        until([&] { return waiting.got.has_value(); });
        REQUIRE(!waiting.has_place());
        return waiting.got->error().why;
    }
    void run(Waiting &place, const std::string &event, std::optional<supervisor::JobEnd> &end) {
        run_beside([](HostLease &lease, std::string what, std::optional<supervisor::JobEnd> &to) -> awaitable<void> {
            host_protocol::RunJob request;
            request.job = "job";
            request.plugin = "p";
            request.event = std::move(what);
            supervisor::JobEvents none;
            to = co_await lease.run(std::move(request), std::move(none), Clock::time_point::max());
        }(**place.got.value(), event, end));
    }
    std::shared_ptr<const supervisor::HostPool::Slot> only_host() const {
        REQUIRE(of_p->all().size() == 1);
        return of_p->all().front();
    }
    void kill_only_host() { ::kill(only_host()->host->pid(), SIGKILL); }
};

} // namespace

TEST_CASE("plugin hosts: a place is given for one job, and given back with its lease") {
    World w;
    w.serve();
    World::Waiting place, second, third;
    w.acquire(place);
    CHECK(w.only_host()->used == 1);
    CHECK(w.only_host()->plugin == "p");
    CHECK(w.only_host()->generation == w.generation());
    std::optional<supervisor::JobEnd> end;
    w.run(place, "finish", end);
    w.until([&] { return end.has_value(); });
    CHECK(end->how == How::finished);
    CHECK(end->result.succeeded);

    w.acquire(second); // as many hosts as the plugin's concurrency
    CHECK(w.of_p->all().size() == 2);
    CHECK(w.failure(Clock::now() + 1ms) == AcquireFailure::none_free);
    w.ask(third);
    place.got.reset();
    w.until([&] { return third.has_place(); });
    CHECK(w.of_p->all().size() == 2);
}

TEST_CASE("plugin hosts: a job is cancelled through its place") {
    World w;
    w.serve();
    World::Waiting place;
    w.acquire(place);
    std::optional<supervisor::JobEnd> end;
    w.run(place, "wait", end);
    w.until([&] { return w.only_host()->host->running() == 1; });
    (*place.got.value())->cancel("job");
    w.until([&] { return end.has_value(); });
    CHECK(end->how == How::cancelled);
}

TEST_CASE("plugin hosts: each way in which a start fails") {
    for (const auto &[how, why] :
         {std::pair{"refuse", AcquireFailure::refused}, std::pair{"crash", AcquireFailure::host_died}}) {
        World w;
        w.serve("1", std::string("create ") + how + "\n");
        CHECK(w.failure() == why);
        CHECK(w.times_lost == 0); // it was never up
        CHECK(w.of_p->all().empty());
    }
}

TEST_CASE("plugin hosts: a start that is not wanted any more ends, as soon as its generation is given up") {
    World w;
    w.serve("1", "create hang\n");
    World::Waiting waiting;
    w.ask(waiting);
    w.until([&] { return w.of_p->all().size() == 1; });
    w.wanted = false;
    w.of_p->stop_starting(*w.generation());
    w.until([&] { return waiting.got.has_value(); });
    CHECK(waiting.got->error().why == AcquireFailure::not_wanted);
}

TEST_CASE("plugin hosts: one that waits for a place stops waiting when it is not wanted and others drain") {
    World w;
    w.own.concurrency = 1;
    w.serve();
    World::Waiting place, waiting;
    w.acquire(place);
    w.ask(waiting);
    w.wanted = false;
    w.of_p->drain_others(w.generation()->number);
    w.until([&] { return waiting.got.has_value(); });
    CHECK(waiting.got->error().why == AcquireFailure::not_wanted);
}

TEST_CASE("plugin hosts: after stop no place is given, and nothing is told any more") {
    World w;
    w.own.concurrency = 1;
    w.serve();
    World::Waiting place, waiting;
    w.acquire(place);
    w.ask(waiting);
    w.of_p->stop();
    w.of_p->drain_others(w.generation()->number);
    w.until([&] { return waiting.got.has_value(); });
    CHECK(waiting.got->error().why == AcquireFailure::not_wanted);
    CHECK(w.failure() == AcquireFailure::not_wanted);
    place.got.reset();
    w.kill_only_host();
    w.until([&] { return w.of_p->all().empty(); });
    w.until([&] { return w.of_p->all().empty() && w.hosts->hosts() == 0; });
    CHECK(w.times_lost == 0);
    CHECK(w.counters.crashes_of("echo") == 0);
}

TEST_CASE("plugin hosts: a host that dies without a job is told, and counted as a crash") {
    World w;
    w.serve();
    {
        World::Waiting place;
        w.acquire(place);
    }
    w.kill_only_host();
    w.until([&] { return w.times_lost == 1; });
    CHECK(w.counters.crashes_of("echo") == 1);
    CHECK(w.of_p->all().empty());
}

TEST_CASE("plugin hosts: the crash of a host with a job is left to the run, which counts it") {
    World w;
    w.serve();
    World::Waiting place;
    w.acquire(place);
    std::optional<supervisor::JobEnd> end;
    w.run(place, "crash", end);
    w.until([&] { return end.has_value() && w.times_lost == 1; });
    CHECK(end->how == How::died_alone);
    CHECK(w.counters.crashes_of("echo") == 0);
}

TEST_CASE("plugin hosts: too many crashes have the next start wait") {
    World w;
    w.serve();
    w.of_p->crashed("for a test", *w.generation());
    CHECK(w.of_p->pause() == 0s);
    w.of_p->crashed("for a test", *w.generation());
    CHECK(w.of_p->pause() > 0s);
    CHECK(w.of_p->pause() <= supervisor::CrashCount::kFirstPause);
    CHECK(w.counters.crashes_of("echo") == 2);
}

TEST_CASE("plugin hosts: crashes of a version on probation have it rolled back, and no start waits") {
    World w;
    w.serve("1");
    CHECK(!w.of_p->on_probation(*w.generation()));
    w.serve("2");
    const auto fresh = w.generation();
    CHECK(w.of_p->on_probation(*fresh));
    // The modules have a limit of their own, which is the default here.
    for (std::size_t i = 0; i < supervisor::CrashLimit().count; ++i) w.of_p->crashed("for a test", *fresh);
    CHECK(w.generation()->version.info.version == "1");
    CHECK(w.of_p->on_probation(*fresh)); // it was rolled back: its last jobs are not charged either
    CHECK(w.of_p->pause() == 0s);
}

TEST_CASE("plugin hosts: the hosts of other generations drain, and it is told when they have gone") {
    World w;
    w.serve("1");
    World::Waiting place;
    w.acquire(place);
    w.of_p->drain_others(2);
    CHECK(w.only_host()->phase == supervisor::SlotPhase::draining);
    bool gone = false;
    w.run_beside([](PluginHosts &hosts, bool &flag) -> awaitable<void> {
        co_await hosts.drained(2);
        flag = true;
    }(*w.of_p, gone));
    w.context.restart();
    w.context.poll();
    CHECK(!gone);
    place.got.reset();
    w.until([&] { return gone; });
    CHECK(w.of_p->all().empty());
}
