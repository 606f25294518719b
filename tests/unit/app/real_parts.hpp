// The parts of angod that all plugins share, and the plugins: all real, as daemon.cpp wires them. The hosts are processes
// of the fake host program, and nobody listens where the plugins look for Hub.
//
// A test turns the event loop until its condition holds; the destructor stops everything in the order of the daemon and
// fails the test if something does not end.
#pragma once

#include "app/fakes.hpp"
#include "app/lifecycle.hpp"
#include "app/plugins.hpp"
#include "app/shared.hpp"
#include "printing.hpp"
#include "supervisor/fake_hosts.hpp"

#include <string>
#include <vector>

namespace angod::app {

struct RealParts : supervisor::FakeHosts { // the event loop, and the folder of the module files
    TemporaryFolder state_folder;
    asio::thread_pool pool{2};
    config::Config config;
    Lifecycle lifecycle{context.get_executor()};
    std::unique_ptr<jobs::Store> store;
    std::optional<jobs::Queue> queue;
    std::optional<supervisor::ModuleProbe> probe;
    std::optional<supervisor::Modules> modules;
    std::optional<supervisor::HostPool> hosts;
    hub::CallBudget calls{executor()};
    std::unique_ptr<connector::Connector> connector;
    std::optional<SettingsChecks> checks;
    Runs runs;
    Counters counters;
    std::optional<Shared> shared;
    std::optional<Plugins> plugins;

    /// earlier: what an angod before this one did with the store.
    explicit RealParts(bool has_connector = false,
                       const std::function<void(asio::io_context &, jobs::Store &)> &earlier = {}) {
        config.state_dir = state_folder.path();
        config.module_dirs = {folder.path()};
        config.drain_s = 10;
        open_store();
        if (earlier) {
            earlier(context, *store);
            store.reset();
            open_store();
        }
        queue.emplace(executor(), *store);
        probe.emplace(executor(), config.staging_dir(), program, Log());
        supervisor::Modules::Options options;
        options.files.folders = config.module_dirs;
        options.files.rescan_every = std::chrono::milliseconds(20);
        options.files.absence = std::chrono::milliseconds(50);
        modules.emplace(
            executor(), *probe, std::move(options), [](const std::string &, const std::string &) {}, Log());
        hosts.emplace(executor(), program, 10, Log());
        if (has_connector) connector = *connector::Connector::open(executor(), "127.0.0.1", 0, calls);
        checks.emplace(executor(), *store);
        shared.emplace(Shared{executor(), pool, config, *store, *queue, *hosts, *modules, *checks, runs, counters,
                              calls, connector.get(), state_folder.path() / "scratch"});
        plugins.emplace(*shared);
        run_beside(modules->run());
    }
    ~RealParts() { finish(); }
    /// A derived class with members that coroutines use calls this in its destructor.
    void finish() {
        if (std::exchange(finished, true)) return;
        lifecycle.request_stop();
        modules->stop();
        queue->stop_claiming();
        run_coroutine(context, hosts->stop());
        if (connector) connector->stop();
        run_coroutine(context, plugins->stop());
        modules->stop(); // once more: it wakes those that follow the modules
        until([this] { return beside == 0 && runs.empty(); });
        for (const auto &[name, plugin] : plugins->all()) until([&one = *plugin] { return one.idle(); });
        pool.join();
    }
    RealParts(const RealParts &) = delete;
    RealParts &operator=(const RealParts &) = delete;

    asio::any_io_executor executor() { return context.get_executor(); }
    void until(const std::function<bool()> &condition) { turn_until(context, condition); }

    /// A module "echo" of this version serves.
    void serve(const std::string &version = "1", const std::string &more = "") {
        module("id echo\nversion " + version + "\n" + more);
        until([&] { return modules->find("echo") && modules->find("echo")->version.info.version == version; });
    }
    static config::Plugin plugin(const std::string &name = "p") {
        config::Plugin made;
        made.name = made.id = made.secret = name;
        made.module = "echo";
        made.hub.url = "ws://127.0.0.1:9";
        return made;
    }
    /// As Daemon::start.
    void start(std::vector<config::Plugin> with) {
        config.plugins = std::move(with);
        REQUIRE(plugins->prepare(config.plugins));
        run_beside(plugins->follow_modules());
        plugins->start(config.plugins);
        lifecycle.run();
    }
    /// One plugin "p" that serves.
    void start_serving(config::Plugin with = plugin()) {
        serve();
        const std::string name = with.name;
        start({std::move(with)});
        until_serving(name);
    }
    admin::PluginView view(const std::string &name = "p") const {
        const Plugin *found = plugins->find(name);
        REQUIRE(found);
        return found->view();
    }
    void until_serving(const std::string &name = "p") {
        until([&] { return plugins->find(name) && view(name).generation != 0; });
    }

    /// Records a run of the plugin; the event says what the fake host does (fake_angod_host.cpp).
    void put(const std::string &event, const std::string &name = "p") {
        jobs::NewJob job;
        job.plugin = name;
        job.kind = PluginKind::export_;
        job.effects = true;
        job.session = std::to_string(++sessions);
        job.log_context = "{}";
        job.digest = sha256(name + job.session);
        job.event = std::make_shared<const std::string>(event);
        REQUIRE(run_coroutine(context, queue->record(std::move(job))));
    }
    /// The same; it becomes an open job.
    jobs::JobPtr record(const std::string &event, const std::string &name = "p") {
        put(event, name);
        jobs::JobFilter filter;
        filter.plugin = name;
        const auto rows = run_coroutine(context, store->list(std::move(filter)));
        REQUIRE(rows);
        const auto found = queue->find(rows->front().id);
        REQUIRE(found);
        return found;
    }
    bool is_in_host(const jobs::JobPtr &job) const {
        const auto run = runs.find(job->id);
        return run != runs.end() && run->second->phase() == RunPhase::in_host;
    }
    /// A job that a host works on until it is cancelled.
    jobs::JobPtr record_long(const std::string &name = "p") {
        const auto job = record("wait", name);
        until([&] { return is_in_host(job); });
        return job;
    }
    void until_answered(const jobs::JobPtr &job, jobs::State outcome) {
        until([&] { return job->state == jobs::State::answering && runs.empty(); });
        CHECK(job->answer.outcome == outcome);
    }

    /// The destructor waits for it.
    void run_beside(awaitable<void> task) {
        ++beside;
        spawn(executor(), "beside the test", [](awaitable<void> work, int &count) -> awaitable<void> {
            try {
                co_await std::move(work);
            } catch (...) {
                --count;
                throw;
            }
            --count;
        }(std::move(task), beside));
    }
    int beside = 0;

private:
    void open_store() {
        auto opened = jobs::Store::open(config.state_dir, false, executor());
        REQUIRE(opened);
        store = std::move(*opened);
    }
    bool finished = false;
    int sessions = 0;
};

} // namespace angod::app
