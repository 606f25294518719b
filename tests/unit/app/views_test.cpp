// The views of the admin API, of real parts in different states.
//
// The modules and the plugins are brought into each state as in life: a file is written, a plugin is disabled, a job is
// recorded. There is no Hub, so no plugin is live; plugins_test.cpp has one that is.
#include "app/views.hpp"

#include "app/real_parts.hpp"
#include "base/own_process.hpp"

using namespace angod;
using namespace angod::app;

namespace {

struct World : RealParts {
    using RealParts::RealParts;
    std::optional<LoopWatch> loop_watch;
    DaemonViews views{{lifecycle, config.state_dir, *plugins, *modules, *hosts, *queue, counters, calls, loop_watch}};

    admin::ModuleView module_view(const std::string &id = "echo") const {
        for (const auto &one : views.modules())
            if (one.id == id) return one;
        return {};
    }
    void until_state(const std::string &state) {
        until([&] { return module_view().state == state; });
    }
};

} // namespace

TEST_CASE("views: the status of an angod that starts, runs and ends") {
    World w;
    const auto first = w.views.status();
    CHECK(first.version == ANGOD_VERSION);
    CHECK(first.state_dir == w.state_folder.path().string());
    CHECK(first.state == admin::DaemonState::starting);
    CHECK(first.pid == own_pid());
    CHECK(first.started_ms > 0);
    CHECK(first.uptime_s >= 0);
    CHECK(first.resident_bytes > 0);
    CHECK(first.plugins + first.live + first.hosts + first.modules_ready + first.modules_rejected == 0);
    w.start({});
    CHECK(w.views.status().state == admin::DaemonState::running);
    w.lifecycle.request_stop();
    CHECK(w.views.status().state == admin::DaemonState::draining);
}

TEST_CASE("views: the status counts plugins, hosts, jobs and modules") {
    World w;
    w.module("load refuse\n", "bad.so");
    w.serve();
    w.start({RealParts::plugin("p"), RealParts::plugin("q")});
    w.until_serving("p");
    w.until_serving("q");
    w.record_long("p");
    w.record("wait", "p"); // the plugin works on one at a time
    const auto answered = w.record("finish", "q");
    w.until([&] { return answered->state == jobs::State::answering; });
    w.until([&] { return w.views.status().modules_rejected == 1; });
    const auto status = w.views.status();
    CHECK(status.plugins == 2);
    CHECK(status.live == 0); // there is no Hub
    CHECK(status.hosts == w.hosts->hosts());
    CHECK(status.hosts > 0);
    CHECK(status.queued == 1);
    CHECK(status.running == 1);
    CHECK(status.answering == 1);
    CHECK(status.modules_ready == 1);
    CHECK(status.modules_rejected == 1);
}

TEST_CASE("views: a plugin with its module, its host and its jobs") {
    World w;
    w.start_serving();
    w.record_long();
    w.record("wait");
    const auto all = w.views.plugins();
    REQUIRE(all.size() == 1);
    const auto &view = all.front();
    CHECK(view.name == "p");
    CHECK(view.id == "p");
    CHECK(view.module == "echo");
    CHECK(view.module_version == "1");
    CHECK(view.generation == 1);
    CHECK(view.kind == "export");
    CHECK(view.connector == "ws");
    CHECK(view.queued == 1);
    CHECK(view.running == 1);
    REQUIRE(view.hosts.size() == 1);
    CHECK(view.hosts.front().pid > 0);
    CHECK(view.hosts.front().jobs == 1);
    CHECK(view.hosts.front().generation == 1);
    CHECK(!view.hosts.front().draining);
    CHECK(view.hosts.front().resident_bytes > 0);
}

TEST_CASE("views: plugins that do not work say why, each in a state of its own") {
    World w(true);
    w.serve();
    auto no_module = RealParts::plugin("a no module");
    no_module.module = "nowhere";
    no_module.kind = PluginKind::model;
    auto rest = RealParts::plugin("c rest");
    rest.rest = true;
    w.start({no_module, RealParts::plugin("b disabled"), rest, RealParts::plugin("d unreachable")});
    w.plugins->find("b disabled")->disable("for a test");
    w.until([&] {
        return w.view("a no module").state == admin::PluginState::no_module && !w.view("b disabled").reason.empty() &&
               w.view("c rest").generation == 1 && w.view("d unreachable").state == admin::PluginState::backoff;
    });
    const auto all = w.views.plugins();
    REQUIRE(all.size() == 4);
    CHECK(all[0].reason == w.modules->why_not("nowhere"));
    CHECK(all[0].kind == "model"); // as it is configured
    CHECK(all[0].generation == 0);
    CHECK(all[1].state == admin::PluginState::disabled);
    CHECK(all[1].reason == "for a test");
    CHECK(all[2].connector == "rest");
    CHECK(!all[3].reason.empty());
}

TEST_CASE("views: a module that serves, with its description, its files and its generations") {
    World w;
    w.serve("1");
    const auto first = w.module_view();
    CHECK(first.state == "ready");
    CHECK(first.generation == 1);
    CHECK(first.version == "1");
    CHECK(first.kinds == std::vector<std::string>{"export"});
    CHECK(first.file == (w.folder.path() / "echo.so").string());
    CHECK(first.sha256 == w.modules->find("echo")->version.sha256);
    CHECK(first.fallback_version.empty());
    CHECK(first.reason.empty());
    CHECK(first.host_crashes == 0);
    w.serve("2");
    w.counters.host_crashed("echo");
    const auto second = w.module_view();
    CHECK(second.generation == 2);
    CHECK(second.fallback_version == "1");
    CHECK(second.host_crashes == 1);
    REQUIRE(second.generations.size() == 2);
    CHECK(second.generations[0].number == 1);
    CHECK(second.generations[0].sha256 == first.sha256);
    CHECK(second.generations[0].until_ms > 0);
    CHECK(!second.generations[0].ended.empty());
    CHECK(second.generations[1].number == 2);
    CHECK(second.generations[1].until_ms == 0);
    REQUIRE(second.files.size() == 1);
    CHECK(second.files[0].file == second.file);
    CHECK(second.files[0].state == "ready");
}

TEST_CASE("views: a file that cannot be used has its reason, whether or not its module serves") {
    World w;
    w.module("load refuse\n");
    w.until_state("rejected");
    CHECK(!w.module_view().reason.empty());
    CHECK(w.module_view().generation == 0);
    CHECK(w.module_view().file.empty());

    w.serve("1");
    w.module("id echo\nversion 2\n", "second.so");
    w.until([&] { return w.module_view().files.size() == 2; });
    w.until([&] { return !w.module_view().reason.empty(); });
    CHECK(w.module_view().state == "ready");
    CHECK(w.module_view().version == "1");
}

TEST_CASE("views: a version that was rolled back is shown as quarantined") {
    World w;
    w.serve("1");
    w.serve("2");
    REQUIRE(w.modules->rollback("echo"));
    const auto view = w.module_view();
    CHECK(view.version == "1");
    CHECK(view.state == "ready");
    REQUIRE(view.files.size() == 1);
    CHECK(view.files[0].state == "quarantined");
    CHECK(!view.files[0].reason.empty());
}
