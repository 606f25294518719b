// The configuration is read again: every transition of reload.hpp, with real plugins.
//
// The tests hold a reload under way in two ways: angod has not started yet, or a plugin that is to leave has a run under
// way. The test plays the files of the configuration, and the service manager.
#include "app/reload.hpp"

#include "app/real_parts.hpp"
#include "app/service_manager.hpp"

#include <atomic>
#include <mutex>

using namespace angod;
using namespace angod::app;

namespace {

struct World : RealParts {
    config::Loaded next; ///< what the files say
    std::atomic<bool> is_load_broken = false;
    std::atomic<int> loads = 0;
    std::mutex mutex; ///< guards next: the files are read on another thread
    std::vector<std::optional<Result<void>>> results{3};
    bool has_thrown = false;
    std::optional<Reload> reload;

    explicit World(bool has_connector = false) : RealParts(has_connector) {
        reload.emplace([this] { return load(); },
                       Reload::Neighbours{executor(), lifecycle, config, *plugins, *queue, calls, connector.get()});
        say({plugin("p")});
    }
    ~World() { finish(); }
    config::Loaded load() {
        const std::lock_guard lock(mutex);
        ++loads;
        if (is_load_broken) throw std::runtime_error("the files cannot be read");
        return next;
    }
    void say(std::vector<config::Plugin> wanted) {
        const std::lock_guard lock(mutex);
        next.config = config;
        next.config->plugins = std::move(wanted);
    }
    /// At the wish of an operator. Its result comes in results[at].
    void begin(std::size_t at) {
        run_beside([](World &w, std::size_t index) -> awaitable<void> {
            try {
                auto done = co_await w.reload->reload();
                w.results[index].emplace(std::move(done));
            } catch (const std::runtime_error &) {
                w.has_thrown = true;
            }
        }(*this, at));
        turn();
    }
    /// A SIGHUP, which is heard on the event loop.
    void signal() {
        asio::post(context, [this] { reload->on_signal(); });
        turn();
    }
    void turn() {
        context.restart();
        context.poll();
    }
    void until_done(std::size_t at) {
        until([&] { return results[at].has_value(); });
    }
    void until_loaded(int times) {
        until([&] { return loads == times; });
    }
    /// As begin and until_done, once no other reload is under way.
    void reload_when_idle(std::size_t at) {
        do {
            results[at].reset();
            begin(at);
            until_done(at);
        } while (!*results[at] && results[at]->error().text == "the configuration is being changed already");
    }
    bool has(const std::string &name) const { return plugins->find(name) != nullptr; }
    /// The reload that the test begins now is under way until the run of p is cancelled.
    jobs::JobPtr hold() {
        start_serving();
        say({plugin("q")});
        return record_long();
    }
    void let_go(const jobs::JobPtr &job) {
        REQUIRE(plugins->find(job->plugin)->cancel(job));
        until([&] { return job->state == jobs::State::answering; });
        run_coroutine(context, queue->confirm({job})); // in place of Hub
    }
};

} // namespace

TEST_CASE("reload: idle → reloading → idle, and what the files say is there") {
    World w;
    w.start({RealParts::plugin("p")});
    w.say({RealParts::plugin("p"), RealParts::plugin("q")});
    w.next.config->drain_s = 7;
    w.next.config->limits.max_hosts = 3; // takes effect at the next start only
    w.next.warnings = {"a warning"};
    w.begin(0);
    w.until_done(0);
    CHECK(*w.results[0]);
    CHECK(w.has("q"));
    CHECK(w.config.plugins.size() == 2);
    CHECK(w.config.drain_s == 7);
    CHECK(w.config.limits.max_hosts == config::Config().limits.max_hosts);
    w.begin(1);
    w.until_done(1);
    CHECK(*w.results[1]);
    CHECK(w.loads == 2);
}

TEST_CASE("reload: a signal does the same") {
    World w;
    w.start({});
    w.signal();
    w.until([&] { return w.has("p") && w.config.plugins.size() == 1; });
    CHECK(w.loads == 1);
}

TEST_CASE("reload: it waits until angod has started") {
    World w;
    w.begin(0);
    CHECK(w.loads == 0);
    CHECK(!w.results[0]);
    w.start({});
    w.until_done(0);
    CHECK(w.loads == 1);
    CHECK(w.has("p"));
}

TEST_CASE("reload: one at a time, before the start of angod and after it") {
    World early;
    early.begin(0);
    early.begin(1);
    REQUIRE(early.results[1]);
    CHECK(!*early.results[1]);
    CHECK(early.results[1]->error().text == "the configuration is being changed already");
    early.start({});
    early.until_done(0);
    CHECK(*early.results[0]);

    World w;
    const auto job = w.hold();
    w.begin(0);
    w.begin(1);
    REQUIRE(w.results[1]);
    CHECK(!*w.results[1]);
    CHECK(!w.results[0]);
    w.let_go(job);
    w.until_done(0);
    CHECK(*w.results[0]);
    CHECK(w.loads == 1);
    CHECK(w.has("q"));
    CHECK(!w.has("p"));
}

TEST_CASE("reload: signals during one cause exactly one more, which reads the files anew") {
    World w;
    const auto job = w.hold();
    w.begin(0);
    w.until_loaded(1);
    for (int i = 0; i < 3; ++i) w.signal();
    w.begin(1); // repeating: an operator is told so as well
    REQUIRE(w.results[1]);
    CHECK(!*w.results[1]);
    w.say({RealParts::plugin("r")});
    w.let_go(job);
    w.until([&] { return w.has("r") && !w.has("q"); });
    CHECK(*w.results[0]);
    w.reload_when_idle(2);
    CHECK(*w.results[2]);
    CHECK(w.loads == 3);
}

TEST_CASE("reload: a signal during the repetition causes another one") {
    World w;
    w.serve();
    w.start({RealParts::plugin("p"), RealParts::plugin("q")});
    const auto first = w.record_long("p"), second = w.record_long("q");
    w.say({RealParts::plugin("q")});
    w.begin(0);
    w.until_loaded(1);
    w.signal();
    w.say({});
    w.let_go(first);
    w.until_loaded(2); // the repetition waits for the run of q
    CHECK(!w.has("p"));
    w.signal();
    w.signal();
    w.say({RealParts::plugin("r")});
    w.let_go(second);
    w.until([&] { return w.has("r") && !w.has("q"); });
    CHECK(w.loads == 3);
}

TEST_CASE("reload: a configuration with errors changes nothing, and all of them are told") {
    World w;
    w.start({RealParts::plugin("p")});
    w.next.config.reset();
    w.next.errors = {"one", "two"};
    w.begin(0);
    w.until_done(0);
    REQUIRE(!*w.results[0]);
    CHECK(w.results[0]->error().text == "one; two");
    CHECK(w.has("p"));
    w.signal(); // the error is logged
    w.until_loaded(2);
    w.say({RealParts::plugin("q")});
    w.reload_when_idle(1);
    CHECK(*w.results[1]);
    CHECK(w.has("q"));
}

TEST_CASE("reload: a change that the plugins refuse changes nothing") {
    World w;
    w.start({RealParts::plugin("p")});
    auto q = RealParts::plugin("q");
    q.hub.url = "wss://127.0.0.1:9";
    q.hub.ca_file = (w.folder.path() / "nowhere.pem").string();
    w.say({q});
    w.next.config->drain_s = 7;
    w.begin(0);
    w.until_done(0);
    CHECK(!*w.results[0]);
    CHECK(w.has("p"));
    CHECK(!w.has("q"));
    CHECK(w.config.drain_s != 7);
}

TEST_CASE("reload: the first plugin that Hub calls needs a new start of angod") {
    auto rest = RealParts::plugin("q");
    rest.rest = true;
    World w;
    w.start({RealParts::plugin("p")});
    w.say({rest});
    w.begin(0);
    w.until_done(0);
    REQUIRE(!*w.results[0]);
    CHECK(w.results[0]->error().text.find("the plugin q") == 0);
    CHECK(w.has("p"));

    World listening(true);
    listening.start({RealParts::plugin("p")});
    listening.say({rest});
    listening.begin(0);
    listening.until_done(0);
    CHECK(*listening.results[0]);
    CHECK(listening.has("q"));
}

TEST_CASE("reload: an internal error is the caller's, and the next reload is none the worse") {
    World w;
    w.start({});
    w.is_load_broken = true;
    w.begin(0);
    w.until([&] { return w.has_thrown; });
    w.signal(); // the error is logged
    w.until_loaded(2);
    w.is_load_broken = false;
    w.reload_when_idle(1);
    CHECK(*w.results[1]);
}

TEST_CASE("reload: a stop before angod has started ends it, and a repetition does not come") {
    World w;
    w.begin(0);
    w.signal();
    w.lifecycle.request_stop();
    w.until_done(0);
    REQUIRE(!*w.results[0]);
    CHECK(w.results[0]->error().text == "angod is stopping");
    w.turn();
    CHECK(w.loads == 0);
}

TEST_CASE("reload: while angod stops there is none") {
    World w;
    w.start({});
    w.lifecycle.request_stop();
    w.signal();
    w.begin(0);
    w.until_done(0);
    CHECK(!*w.results[0]);
    CHECK(w.loads == 0);
}

TEST_CASE("reload: a stop while it is under way ends it, and a repetition does not come") {
    World w;
    const auto job = w.hold();
    w.begin(0);
    w.until([&] { return !w.plugins->find("p")->disabled().empty(); }); // it waits for its run
    w.signal();
    w.lifecycle.request_stop();
    run_coroutine(w.context, w.plugins->stop());
    w.until_done(0);
    CHECK(*w.results[0]);
    CHECK(w.has("p")); // it was on its way out, and is stopped like the others
    CHECK(!w.has("q"));
    w.turn();
    CHECK(w.loads == 1);
}

TEST_CASE("reload: the service manager hears of its begin and its end, successful or not") {
    World w;
    w.start({RealParts::plugin("p")});
    const ServiceManager manager(w.context);
    w.say({RealParts::plugin("p"), RealParts::plugin("q")});
    w.begin(0);
    w.until([&] { return manager.heard.size() == 2; });
    CHECK(manager.heard[0].starts_with("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(manager.heard[1] == "READY=1\nSTATUS=2 plugins");
    w.next.config.reset();
    w.begin(1);
    w.until([&] { return manager.heard.size() == 4; });
    CHECK(manager.heard[2].starts_with("RELOADING=1\n"));
    CHECK(manager.heard[3] == "READY=1\nSTATUS=2 plugins");
    w.say({RealParts::plugin("p")});
    w.begin(2);
    w.until([&] { return manager.heard.size() == 6; });
    CHECK(manager.heard[5] == "READY=1\nSTATUS=1 plugin");
}

TEST_CASE("reload: the service manager hears nothing of one that a stop ends") {
    World w;
    const ServiceManager manager(w.context);
    w.begin(0);
    w.lifecycle.request_stop();
    w.until_done(0);
    w.turn();
    CHECK(manager.heard.empty());
}
