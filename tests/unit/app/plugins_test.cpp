// All plugins of a configuration, and its changes: with real parts, and in some cases a fake Hub.
//
// A plugin is the same one as before exactly if its address is. The tests come to an event, an operator or a stop in the
// middle of a change by holding that back: a plugin that is to leave waits for the run that the test has begun.
#include "app/plugins.hpp"

#include "app/real_parts.hpp"
#include "base/clock.hpp"
#include "socketio/fake_hub.hpp"

#include <fstream>

using namespace angod;
using namespace angod::app;
using namespace std::chrono_literals;

namespace {

struct World : RealParts {
    using RealParts::RealParts;
    ~World() { finish(); }

    std::optional<Result<void>> changed;
    void begin_change(std::vector<config::Plugin> next) {
        changed.reset();
        run_beside([](World &w, std::vector<config::Plugin> to) -> awaitable<void> {
            auto done = co_await w.plugins->change(std::move(to));
            w.changed.emplace(std::move(done));
        }(*this, std::move(next)));
    }
    Result<void> change(std::vector<config::Plugin> next) {
        begin_change(std::move(next));
        until([&] { return changed.has_value(); });
        return *changed;
    }
    void stop() {
        queue->stop_claiming();
        run_coroutine(context, plugins->stop());
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto &[name, plugin] : plugins->all()) all.push_back(name);
        return all;
    }
    /// In place of Hub, which is not there.
    void confirm(const jobs::JobPtr &job) { run_coroutine(context, queue->confirm({job})); }
};

using Names = std::vector<std::string>;

config::Plugin with_timeout(config::Plugin plugin, std::int64_t seconds) {
    plugin.timeout_s = seconds;
    return plugin;
}

/// Runs of the plugins p and gone are recorded.
void leave_runs(asio::io_context &context, jobs::Store &store) {
    for (const char *plugin : {"p", "gone", "gone"}) {
        auto job = std::make_shared<jobs::Job>();
        job->id = new_id();
        job->plugin = plugin;
        job->kind = PluginKind::export_;
        job->effects = true;
        job->session = "1";
        job->log_context = "{}";
        job->digest = sha256(job->id);
        job->created_ms = now_ms();
        job->created_boot_ms = since_boot_ms();
        const auto event = std::make_shared<const std::string>("finish");
        REQUIRE(run_coroutine(context, store.record(job, event, {})));
    }
}

} // namespace

// ---- start and stop

TEST_CASE("plugins: those of the configuration start, and take over the runs that an earlier angod left") {
    World w(false, leave_runs);
    w.serve();
    w.start({RealParts::plugin("p"), RealParts::plugin("q")});
    CHECK(w.names() == Names{"p", "q"});
    CHECK(w.plugins->find("p"));
    CHECK(!w.plugins->find("gone"));
    w.until([&] { return w.queue->counts("p").answering == 1; });
    CHECK(w.queue->counts("gone").queued == 0); // they stay in the store
    REQUIRE(w.change({RealParts::plugin("gone"), RealParts::plugin("p"), RealParts::plugin("q")}));
    w.until([&] { return w.queue->counts("gone").answering == 2; });
}

TEST_CASE("plugins: stop ends every one of them, in whatever state it is") {
    World w;
    w.serve();
    auto without = RealParts::plugin("without");
    without.module = "nowhere";
    w.start({RealParts::plugin("disabled"), RealParts::plugin("serving"), without});
    w.plugins->find("disabled")->disable("for a test");
    w.until_serving("serving");
    w.stop();
    for (const auto &[name, plugin] : w.plugins->all()) w.until([&one = *plugin] { return one.idle(); });
    CHECK(w.names() == Names{"disabled", "serving", "without"});
    w.stop(); // once more
}

TEST_CASE("plugins: stop without a plugin") {
    World w;
    w.start({});
    w.stop();
    CHECK(w.names().empty());
}

TEST_CASE("plugins: they hear of each change of the modules, until they are stopped") {
    World w;
    w.serve("1");
    w.start({RealParts::plugin("p"), RealParts::plugin("q")});
    w.until_serving("p");
    w.until_serving("q");
    w.serve("2");
    w.until([&] { return w.view("p").generation == 2 && w.view("q").generation == 2; });
    const int before = w.beside;
    w.stop();
    w.modules->stop();
    w.until([&] { return w.beside == before - 2; }); // the modules, and those that follow them
}

// ---- a changed configuration

TEST_CASE("plugins: a change adds, removes and replaces, and those that are alike notice nothing") {
    World w;
    w.serve();
    w.start({RealParts::plugin("differs"), RealParts::plugin("gone"), RealParts::plugin("same")});
    const Plugin *const same = w.plugins->find("same"), *const differs = w.plugins->find("differs");
    REQUIRE(
        w.change({with_timeout(RealParts::plugin("differs"), 5), RealParts::plugin("new"), RealParts::plugin("same")}));
    CHECK(w.names() == Names{"differs", "new", "same"});
    CHECK(w.plugins->find("same") == same);
    CHECK(w.plugins->find("differs") != differs);
    CHECK(w.plugins->find("differs")->configuration().timeout_s == 5);
    w.until_serving("new");
    w.until_serving("differs");
    w.until_serving("same");
    for (const char *name : {"new", "differs", "same"}) w.until_answered(w.record("finish", name), jobs::State::done);
}

TEST_CASE("plugins: one connects anew when the content of its ca_file has changed, and only then") {
    World w;
    auto own = RealParts::plugin();
    own.hub.ca_file = (w.state_folder.path() / "ca.pem").string();
    w.start({own, RealParts::plugin("other")});
    const Plugin *first = w.plugins->find("p");
    const Plugin *const other = w.plugins->find("other");
    REQUIRE(w.change({own, RealParts::plugin("other")}));
    CHECK(w.plugins->find("p") == first); // it could not be read, and still cannot
    for (const char *content : {"one", "two"}) {
        std::ofstream(own.hub.ca_file) << content;
        REQUIRE(w.change({own, RealParts::plugin("other")}));
        CHECK(w.plugins->find("p") != first);
        first = w.plugins->find("p");
        REQUIRE(w.change({own, RealParts::plugin("other")}));
        CHECK(w.plugins->find("p") == first);
    }
    CHECK(w.plugins->find("other") == other);
}

TEST_CASE("plugins: authorities that cannot be used are an error, which changes nothing") {
    World w;
    w.start({RealParts::plugin("p")});
    const Plugin *const before = w.plugins->find("p");
    auto encrypted = RealParts::plugin("q");
    encrypted.hub.url = "wss://127.0.0.1:9";
    encrypted.hub.ca_file = (w.state_folder.path() / "nowhere.pem").string();
    CHECK(!w.change({with_timeout(RealParts::plugin("p"), 5), encrypted}));
    CHECK(w.plugins->find("p") == before);
    CHECK(w.names() == Names{"p"});
    REQUIRE(w.change({RealParts::plugin("p")}));
    CHECK(w.plugins->find("p") == before);
    CHECK(!w.plugins->prepare({encrypted}));
}

TEST_CASE("plugins: one that is replaced stays disabled, as the operator wants it") {
    World w;
    w.start_serving();
    w.plugins->find("p")->disable("for a test");
    REQUIRE(w.change({with_timeout(RealParts::plugin(), 5)}));
    CHECK(w.plugins->find("p")->configuration().timeout_s == 5);
    CHECK(w.plugins->find("p")->disabled() == "for a test");
    w.until([&] { return w.view().state == admin::PluginState::disabled; });
}

TEST_CASE(
    "plugins: a run under way goes on in its host while its plugin is replaced, and the next one has its answer") {
    World w;
    w.start_serving();
    const auto running = w.record_long();
    const auto waiting = w.record("finish");
    REQUIRE(w.change({with_timeout(RealParts::plugin(), 5)}));
    CHECK(w.is_in_host(running));
    w.until([&] { return waiting->state == jobs::State::answering; }); // it need not wait for the other
    CHECK(w.is_in_host(running));
    REQUIRE(w.plugins->find("p")->cancel(running));
    w.until_answered(running, jobs::State::cancelled);
    CHECK(w.view().answering == 2);
    w.confirm(running);
    CHECK(w.counters.of_plugin("p").cancelled == 1);
}

TEST_CASE("plugins: one that Hub calls is replaced and removed like the others") {
    World w(true);
    w.serve();
    auto rest = RealParts::plugin();
    rest.rest = true;
    w.start({rest});
    w.until_serving();
    const Plugin *const before = w.plugins->find("p");
    REQUIRE(w.change({with_timeout(rest, 5)}));
    CHECK(w.plugins->find("p") != before);
    w.until_serving();
    REQUIRE(w.change({}));
    CHECK(w.names().empty());
}

TEST_CASE(
    "plugins: one that leaves takes no run any more, waits for the one under way, and leaves the rest in the store") {
    World w;
    w.start_serving();
    const auto running = w.record_long();
    const auto waiting = w.record("finish");
    w.begin_change({});
    w.until([&] { return w.view().reason == "it is no longer configured"; });
    CHECK(w.is_in_host(running));
    CHECK(!w.changed);
    REQUIRE(w.plugins->find("p")->cancel(running));
    w.until_answered(running, jobs::State::cancelled);
    w.until_answered(waiting, jobs::State::failed);
    CHECK(!w.changed); // Hub has not got the answers yet
    w.confirm(running);
    w.confirm(waiting);
    w.until([&] { return w.changed.has_value(); });
    CHECK(w.names().empty());
    w.put("finish"); // Hub's event was on its way: it stays in the store until the plugin comes back
    CHECK(w.queue->counts("p").queued == 0);
    REQUIRE(w.change({RealParts::plugin()}));
    w.until([&] { return w.queue->counts("p").answering == 1; });
    CHECK(w.queue->answers("p").front()->answer.outcome == jobs::State::done);
}

TEST_CASE("plugins: a run that is recorded while nobody has its plugin is done when the plugin comes") {
    World w;
    w.serve();
    w.start({});
    const auto early = w.record("finish");
    w.queue->release("p");
    CHECK(!w.queue->find(early->id)); // it is in the store only
    REQUIRE(w.change({RealParts::plugin()}));
    w.until([&] { return w.queue->counts("p").answering == 1; });
    CHECK(w.queue->answers("p").front()->id == early->id);
}

// ---- a stop during a change

TEST_CASE("plugins: a stop while one waits to leave ends the change, and nothing else is changed") {
    World w;
    w.start_serving();
    const auto running = w.record_long();
    w.begin_change({RealParts::plugin("new")});
    w.until([&] { return w.view().reason == "it is no longer configured"; });
    w.stop();
    w.until([&] { return w.changed.has_value(); });
    CHECK(*w.changed);
    CHECK(w.names() == Names{"p"});
    CHECK(w.queue->find(running->id) == running);
}

TEST_CASE("plugins: a stop while a new one fetches its runs from the store") {
    World w;
    w.start({});
    w.begin_change({RealParts::plugin("new"), RealParts::plugin("next")});
    w.stop(); // begins in the turn of the event loop in which the store is asked
    w.until([&] { return w.changed.has_value(); });
    CHECK(w.names().empty());
}

TEST_CASE("plugins: a stop before a change begins has it do nothing") {
    World w;
    w.start({RealParts::plugin("p")});
    w.stop();
    REQUIRE(w.change({with_timeout(RealParts::plugin("p"), 5), RealParts::plugin("q")}));
    CHECK(w.names() == Names{"p"});
    CHECK(w.plugins->find("p")->configuration().timeout_s != 5);
    REQUIRE(w.change({}));
    CHECK(w.names() == Names{"p"});
}

// ---- with Hub

namespace {

/// Frames of the client until one has this text; the test fails if it does not come.
awaitable<void> until_frame(FakeHub &hub, std::string text) {
    for (;;) {
        const std::string frame = co_await hub.text();
        if (frame.find(text) != std::string::npos) co_return;
    }
}

struct HubWorld : World {
    FakeHub hub{context};
    config::Plugin own = plugin();
    HubWorld() { own.hub.url = hub.url(); }
    ~HubWorld() { finish(); }
    void play(awaitable<void> script) {
        bool done = false;
        run_beside([](awaitable<void> work, bool &flag) -> awaitable<void> {
            co_await std::move(work);
            flag = true;
        }(std::move(script), done));
        until([&] { return done; });
    }
    void make_live() {
        play(hub.make_live());
        until([&] { return plugins->find("p")->is_live(); });
    }
    void say_event(const std::string &session) {
        play(hub.say(R"(42/plugin,7["plugin",{"session":")" + session + R"("}])"));
    }
};

} // namespace

TEST_CASE("plugins: the path of an event from Hub to the confirmed answer") {
    HubWorld w;
    w.start_serving(w.own);
    w.make_live();
    CHECK(w.view().state == admin::PluginState::live);
    w.say_event("s");
    w.play(until_frame(w.hub, "43/plugin,7")); // it is recorded
    w.play(until_frame(w.hub, R"(["response",{"export":true,"response":{},"session":"s"}])"));
    const auto pong = [](FakeHub &hub) -> awaitable<void> {
        for (;;) {
            std::string mark = co_await hub.ping();
            co_await hub.pong(std::move(mark));
        }
    };
    spawn(w.executor(), "hub", pong(w.hub));
    w.until([&] { return w.counters.of_plugin("p").done == 1; });
    CHECK(w.queue->counts().answering == 0);
    w.stop(); // ends the connection, and with it the coroutine of the fake Hub
}

TEST_CASE("plugins: a line for a session log goes to the plugin that has the name") {
    HubWorld w;
    w.start_serving(w.own);
    w.make_live();
    jobs::Job job;
    job.id = "1";
    job.log_context = R"({"session":"s"})";
    job.plugin = "nobody";
    w.plugins->tell(job, hub::LogLevel::info, "a line for nobody");
    job.plugin = "p";
    w.plugins->tell(job, hub::LogLevel::info, "a line for p");
    w.play(until_frame(w.hub, "a line for p"));
}

TEST_CASE("plugins: the answer of a run whose plugin is replaced meanwhile leaves over the new connection") {
    HubWorld w;
    w.start_serving(w.own);
    w.make_live();
    const auto running = w.record_long();
    w.begin_change({with_timeout(w.own, 5)});
    w.play(w.hub.make_live());
    w.until([&] { return w.changed && w.plugins->find("p")->is_live(); });
    REQUIRE(w.plugins->find("p")->cancel(running));
    w.play(until_frame(w.hub, R"(["response",{"error":true,"session":)" + running->session));
}

TEST_CASE("plugins: a stop while one that is connected hands over leaves it as it is") {
    HubWorld w;
    w.start_serving(w.own);
    w.make_live();
    const Plugin *const before = w.plugins->find("p");
    w.begin_change({with_timeout(w.own, 5)});
    w.stop();
    w.until([&] { return w.changed.has_value(); });
    CHECK(*w.changed);
    CHECK(w.plugins->find("p") == before);
}
