// The host of an eager plugin: with fake hosts, and a real readiness that follows a fake module.
//
// The pauses are milliseconds here. A test that looks at their growth compares the times at which hosts were asked for
// with the shortest times that the pauses allow; a slow machine makes them longer only.
#include "app/warm_host.hpp"

#include "app/fakes.hpp"
#include "printing.hpp"

using namespace angod;
using namespace angod::app;
using namespace std::chrono_literals;
using supervisor::AcquireFailure;
using Clock = std::chrono::steady_clock;

namespace {

class OneModule final : public ModuleSource {
public:
    supervisor::GenerationPtr present = make_generation(1, {PluginKind::export_});
    supervisor::GenerationPtr find() const override { return present; }
    supervisor::GenerationPtr rollback_target() override { return nullptr; }
    bool is_decided() const override { return true; }
    std::string why_not() const override { return "there is no such module"; }
    void proved(const supervisor::Generation &) override {}
};

struct World : QueueWorld {
    config::Plugin config;
    OneModule module;
    FakeHosts hosts{context.get_executor()};
    FakeLink link;
    SettingsChecks checks{context.get_executor(), *store};
    std::optional<Readiness> readiness;
    std::optional<WarmHost> warm;

    explicit World(WarmHost::Pauses pauses = {1ms, 1ms, 1h}, bool eager = true) {
        config.name = "p";
        config.eager = eager;
        hosts.has_place = true;
        readiness.emplace(Readiness::Neighbours{context.get_executor(), config, [] { return std::chrono::seconds(60); },
                                                module, hosts, link, *queue, checks, [] {}, [] {}, Log()});
        warm.emplace(context.get_executor(), hosts, *readiness, Log(), pauses);
        spawn(context.get_executor(), "plugin", readiness->follow_module());
        until([&] { return readiness->state() == ReadyState::serving; });
        hosts.asked = 0; // readiness has tried the module out
        hosts.times.clear();
    }
    ~World() override {
        stop();
        hosts.failure = {AcquireFailure::not_wanted, "stopped"};
        hosts.change();
        until([&] { return !warm->is_starting() && !readiness->is_following(); });
    }
    void ensure() {
        warm->ensure();
        context.restart();
        context.poll();
    }
    void stop() { run_coroutine(context, stop(*this)); }
    /// As Plugin::stop.
    static awaitable<void> stop(World &w) {
        w.warm->wake();
        co_await w.readiness->stop();
    }
    void until_over() {
        until([&] { return !warm->is_starting(); });
    }
    void fail(AcquireFailure why) { hosts.failure = {why, "no host"}; }
    /// The time between two starts, counted from the first.
    Clock::duration gap(std::size_t at) const { return hosts.times.at(at + 1) - hosts.times.at(at); }
};

} // namespace

TEST_CASE("warm host: only an eager plugin has one") {
    World w({1ms, 1ms, 1h}, false);
    w.ensure();
    CHECK(!w.warm->is_starting());
    CHECK(w.hosts.asked == 0);
}

TEST_CASE("warm host: one is started, for a shared place, and once however often it is asked for") {
    World w;
    w.hosts.has_place = false;
    w.ensure();
    w.ensure();
    w.until([&] { return w.hosts.waiting == 1; });
    CHECK(w.warm->is_starting());
    w.ensure();
    w.hosts.has_place = true;
    w.hosts.change();
    w.until_over();
    CHECK(w.hosts.asked == 1);
    CHECK(w.hosts.sharing.back() == supervisor::Sharing::shared);
    w.ensure();
    w.until([&] { return w.hosts.asked == 2; });
}

TEST_CASE("warm host: after a failure it is tried again, and only a host that died is a crash") {
    for (const auto why : {AcquireFailure::host_died, AcquireFailure::refused, AcquireFailure::not_started}) {
        World w;
        w.fail(why);
        w.ensure();
        w.until([&] { return w.hosts.asked >= 3; });
        CHECK(w.warm->is_starting());
        w.hosts.failure.reset();
        w.until_over();
        const std::size_t failures = static_cast<std::size_t>(w.hosts.asked) - 1;
        CHECK(w.hosts.crashes.size() == (why == AcquireFailure::host_died ? failures : 0));
    }
}

TEST_CASE("warm host: the pause before a start doubles while hosts do not live long, up to the longest") {
    World w({10ms, 40ms, 1h});
    w.fail(AcquireFailure::not_started);
    const auto begun = Clock::now();
    w.ensure();
    w.until([&] { return w.hosts.times.size() >= 4; });
    CHECK(w.hosts.times.front() - begun >= 10ms);
    CHECK(w.gap(0) >= 20ms);
    CHECK(w.gap(1) >= 40ms);
    CHECK(w.gap(2) >= 40ms);

    World bounded({1ms, 2ms, 1h});
    bounded.fail(AcquireFailure::not_started);
    bounded.ensure();
    bounded.until([&] { return bounded.hosts.times.size() >= 30; }); // 2^30 ms would be too long for the test
}

TEST_CASE("warm host: a host that has lived long enough begins again with the first pause") {
    World w({1ms, 1h, -1ms}); // every host has lived long enough
    w.fail(AcquireFailure::not_started);
    w.ensure();
    w.until([&] { return w.hosts.times.size() >= 30; });
}

TEST_CASE("warm host: a start waits as long as the plugin's crashes ask for") {
    World w;
    w.hosts.rest = 30ms;
    const auto begun = Clock::now();
    w.ensure();
    w.until_over();
    CHECK(w.hosts.times.at(0) - begun >= 30ms);
}

TEST_CASE("warm host: a stop during the pause ends it, and no host is started") {
    World w({1h, 1h, 1h});
    w.ensure();
    CHECK(w.warm->is_starting());
    w.stop();
    w.until_over();
    CHECK(w.hosts.asked == 0);
}

TEST_CASE("warm host: a stop during the start ends it, and it is not tried again") {
    World w;
    w.hosts.has_place = false;
    w.ensure();
    w.until([&] { return w.hosts.waiting == 1; });
    w.stop();
    w.fail(AcquireFailure::host_died);
    w.hosts.change();
    w.until_over();
    CHECK(w.hosts.asked == 1);
    CHECK(w.hosts.crashes.empty());
}

TEST_CASE("warm host: a plugin that loses its module during the pause gets no host") {
    World w({20ms, 20ms, 1h});
    w.ensure();
    CHECK(w.warm->is_starting());
    w.module.present = nullptr;
    w.readiness->modules_changed();
    w.until_over();
    CHECK(w.readiness->state() != ReadyState::serving);
    CHECK(w.hosts.asked == 0);
}

TEST_CASE("warm host: a plugin that loses its module during a start that fails is not blamed for a crash") {
    World w;
    w.hosts.has_place = false;
    w.ensure();
    w.until([&] { return w.hosts.waiting == 1; });
    w.module.present = nullptr;
    w.readiness->modules_changed();
    w.until([&] { return w.readiness->state() != ReadyState::serving; });
    w.fail(AcquireFailure::host_died);
    w.hosts.change();
    w.until_over();
    CHECK(w.hosts.asked == 1);
    CHECK(w.hosts.crashes.empty());
}
