#include "app/daemon.hpp"

#include "admin/routes.hpp"
#include "app/module_views.hpp"
#include "app/plugins.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/local_listener.hpp"
#include "base/log_tail.hpp"
#include "base/orphans.hpp"
#include "base/own_process.hpp"
#include "base/service.hpp"
#include "http/server.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <exception>
#include <map>
#include <set>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kTidyEvery = 10min;
constexpr auto kCompactEvery = 5s;
constexpr auto kCompactAgain = 1min;
constexpr auto kRecordAgain = 5s;
/// Plugins start with the modules that are found by then; the others follow as theirs come.
constexpr auto kScanPatience = 2s;

class Daemon {
public:
    Daemon(asio::io_context &context, config::Config config, LoadConfig load)
        : context_(context),
          config_(std::move(config)),
          load_(std::move(load)),
          pool_(2),
          stop_signal_(context.get_executor()),
          started_(context.get_executor()),
          reloaded_(context.get_executor()) {}
    /// What the pool still does uses what is destroyed here.
    ~Daemon() { pool_.join(); }
    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;

    Result<void> build(const std::filesystem::path &host_program);
    awaitable<void> run();

private:
    awaitable<Result<void>> reload();
    awaitable<Result<void>> take_over_changes();
    awaitable<void> reload_on_signal();
    Result<void> change_plugin(const std::string &name, std::string_view what);
    awaitable<void> tell_of_modules();
    awaitable<void> show_that_it_lives(std::chrono::microseconds patience);
    void tell_ready() const;
    awaitable<void> keep_history(std::string id, std::string history);
    awaitable<void> wait_for_stop();
    void request_stop();
    awaitable<void> stop();
    awaitable<void> housekeeping();
    void tidy_counters();
    Result<void> change_job(const std::string &id, std::string_view what);
    admin::StatusView status() const;

    asio::io_context &context_;
    config::Config config_; ///< its plugins are those of the last change
    const LoadConfig load_;
    asio::thread_pool pool_;
    Log log_;
    std::string state_ = "starting";
    const std::int64_t started_ms_ = now_ms(), started_boot_ms_ = since_boot_ms();
    bool stopping_ = false;
    Signal stop_signal_, started_;
    bool reloading_ = false, reload_waits_ = false;
    Signal reloaded_;

    std::unique_ptr<jobs::Store> store_;
    std::optional<Program> host_program_;
    std::optional<jobs::Queue> queue_;
    std::optional<supervisor::ModuleProbe> probe_;
    std::optional<supervisor::Modules> modules_;
    std::optional<supervisor::HostPool> hosts_;
    std::map<std::string, std::string> histories_; ///< of modules, to be recorded, by id
    Trials trials_;
    Running running_;
    Counters counters_;
    std::unique_ptr<connector::Connector> connector_; ///< null: no plugin is called by Hub
    std::optional<Shared> shared_;
    std::optional<Plugins> plugins_;
    std::optional<admin::Routes> routes_;
    std::optional<http::Server> admin_;
};

Result<void> Daemon::build(const std::filesystem::path &host_program) {
    const auto executor = context_.get_executor();
    auto program = Program::open(host_program);
    if (!program) return program.error();
    host_program_.emplace(std::move(*program));

    auto store = jobs::Store::open(config_.state_dir, config_.power_safe, executor);
    if (!store) return store.error();
    store_ = std::move(*store);
    files::remove_all(config_.state_dir / "scratch"); // of jobs that a kill interrupted
    if (auto made = files::make_private_folder(config_.state_dir / "scratch"); !made) return made.error();

    jobs::Queue::Callbacks on;
    on.runnable = [this](const std::string &name) {
        if (Plugin *p = plugins_->find(name)) p->runnable();
    };
    on.answered = [this](const jobs::JobPtr &job) {
        if (Plugin *p = plugins_->find(job->plugin)) p->answered(job);
    };
    on.ended = [this](const jobs::JobPtr &job) { counters_.job_ended(*job); };
    queue_.emplace(executor, *store_, std::move(on));
    probe_.emplace(executor, config_.staging_dir(), *host_program_, pool_, log_);
    supervisor::Modules::Options follow;
    follow.files.folders = config_.module_dirs;
    follow.crash = {static_cast<std::size_t>(config_.crash.count), std::chrono::seconds(config_.crash.within_s)};
    modules_.emplace(
        executor, *probe_, std::move(follow),
        [this](std::string id, std::string history) {
            spawn(context_.get_executor(), "module history", keep_history(std::move(id), std::move(history)));
        },
        log_);
    modules_->restore(store_->module_histories());
    hosts_.emplace(executor, *host_program_, static_cast<std::size_t>(config_.limits.max_hosts), log_);

    if (!config_.connector.address.empty()) {
        auto made = connector::Connector::open(executor, config_.connector.address, config_.connector.port);
        if (!made) return made.error();
        connector_ = std::move(*made);
    }
    shared_.emplace(Shared{executor, pool_, config_, *store_, *queue_, *hosts_, *modules_, trials_, running_, counters_,
                           connector_.get(), config_.state_dir / "scratch",
                           [this](const jobs::Job &job, hub::LogLevel level, const std::string &text) {
                               if (Plugin *p = plugins_->find(job.plugin)) p->tell(job, level, text);
                           }});
    plugins_.emplace(*shared_);
    if (auto prepared = plugins_->prepare(config_.plugins); !prepared) return prepared;
    auto acceptor = listen_local(executor, {config_.admin.socket, config_.admin.mode, config_.admin.group});
    if (!acceptor) return acceptor.error();
    routes_.emplace(
        admin::Sources{[this] { return status(); },
                       [this] {
                           std::vector<admin::PluginView> views;
                           for (const auto &[name, p] : plugins_->all()) views.push_back(p->view());
                           return views;
                       },
                       [this] { return module_views(*modules_, counters_); },
                       [this](const std::string &id, std::string_view what) {
                           return what == "reload" ? modules_->reload(id) : modules_->rollback(id);
                       },
                       [this](const std::string &id, std::string_view what) { return change_job(id, what); },
                       [this](const std::string &name, std::string_view what) { return change_plugin(name, what); },
                       [this] { return reload(); }, *store_, *queue_,
                       [this] {
                           log_.info("shutdown requested over the admin socket");
                           request_stop();
                       }},
        log_tail());
    admin_.emplace(std::move(*acceptor), [this](http::Request request) { return routes_->handle(std::move(request)); });
    return {};
}

awaitable<void> Daemon::run() {
    spawn(context_.get_executor(), "signals", wait_for_stop());
    if (const auto patience = service::watchdog())
        spawn(context_.get_executor(), "watchdog", show_that_it_lives(*patience));
    admin_->start();
    spawn(context_.get_executor(), "modules", modules_->run());
    co_await modules_->scanned(Clock::now() + kScanPatience);
    if (!stopping_) {
        spawn(context_.get_executor(), "module changes", tell_of_modules());
        plugins_->start(config_.plugins);
        if (connector_) {
            connector_->start();
            const auto &listen = config_.connector;
            const bool has_colons = listen.address.find(':') != std::string::npos;
            log_.info("Hub's calls are taken at {}:{}", has_colons ? "[" + listen.address + "]" : listen.address,
                      listen.port);
        }
        state_ = "running";
        started_.wake_all();
        const std::size_t plugins = plugins_->all().size(), modules = modules_->ready_count();
        log_.info("angod {} runs with {} plugin{} and {} module{}", ANGOD_VERSION, plugins, plugins == 1 ? "" : "s",
                  modules, modules == 1 ? "" : "s");
        tell_ready();
        spawn(context_.get_executor(), "housekeeping", housekeeping());
    }
    while (!stopping_) co_await stop_signal_.wait();
    co_await stop();
    context_.stop();
}

void Daemon::tell_ready() const {
    const std::size_t plugins = plugins_->all().size();
    service::ready(fmt::format("{} plugin{}", plugins, plugins == 1 ? "" : "s"));
}

/// It lives while the event loop turns and the store's thread answers, be it with an error.
awaitable<void> Daemon::show_that_it_lives(std::chrono::microseconds patience) {
    const std::string nothing;
    while (co_await pause(patience / 3)) {
        const auto answered = co_await store_->is_ready(nothing);
        static_cast<void>(answered);
        service::alive();
    }
}

/// The last history of each module, as soon as the disk takes it.
awaitable<void> Daemon::keep_history(std::string id, std::string history) {
    if (histories_.contains(id)) {
        histories_[id] = std::move(history);
        co_return;
    }
    histories_[id] = std::move(history);
    bool told = false;
    while (histories_.contains(id)) {
        const std::string text = histories_[id];
        const auto kept = co_await store_->keep_module_history(id, text);
        if (kept && histories_[id] == text) histories_.erase(id);
        if (kept) continue;
        if (!std::exchange(told, true))
            log_.error("what happened to the module {} could not be recorded, and is as soon as that works: {}", id,
                       kept.error().text);
        co_await pause(kRecordAgain);
    }
}

awaitable<void> Daemon::tell_of_modules() {
    while (!stopping_) {
        co_await modules_->change();
        for (const auto &[name, p] : plugins_->all()) p->modules_changed();
    }
}

awaitable<void> Daemon::wait_for_stop() {
    asio::signal_set signals(context_.get_executor(), SIGTERM, SIGINT, SIGHUP);
    for (;;) {
        const auto [failed, signal] = co_await signals.async_wait(as_value);
        if (failed) co_return;
        if (signal == SIGHUP) {
            log_.info("SIGHUP received");
            spawn(context_.get_executor(), "reload", reload_on_signal());
            continue;
        }
        log_.info("{} received", signal == SIGTERM ? "SIGTERM" : "SIGINT");
        request_stop();
    }
}

void Daemon::request_stop() {
    stopping_ = true;
    started_.wake_all();
    modules_->stop();
    stop_signal_.wake_all();
}

/// Nothing new is started, what runs may end and be answered; what does not end in time stays queued.
awaitable<void> Daemon::stop() {
    state_ = "draining";
    if (connector_) connector_->drain();
    service::stopping("draining");
    const auto counts = queue_->counts();
    log_.info("stopping: {} running, {} queued, {} answers to deliver", counts.running, counts.queued,
              counts.answering);
    queue_->stop_claiming();
    co_await queue_->drained(Clock::now() + std::chrono::seconds(config_.drain_s));
    co_await hosts_->stop();
    if (connector_) connector_->stop();
    co_await plugins_->stop();
    admin_->stop();
    std::error_code ignored;
    std::filesystem::remove(config_.admin.socket, ignored);
    if (const auto done = co_await store_->compact(); !done) log_.warning("{}", done.error().text);
    log_.info("stopped with {} jobs left for the next start",
              queue_->counts().queued + queue_->counts().running + queue_->counts().answering);
}

awaitable<void> Daemon::housekeeping() {
    auto next_tidy = Clock::now(), next_compact = next_tidy;
    std::optional<std::uint64_t> compacted; // what a killed angod left has not been
    bool told = false;
    while (!stopping_) {
        if (Clock::now() >= next_tidy) {
            next_tidy = Clock::now() + kTidyEvery;
            if (const auto done = co_await store_->tidy(config_.retention_days); !done)
                log_.error("{}", done.error().text);
            plugins_->tidy();
            tidy_counters();
        }
        // When nothing is open, no API key should be left in the write-ahead log either.
        const auto counts = queue_->counts();
        if (counts.queued + counts.running + counts.answering == 0 && queue_->changes() != compacted &&
            Clock::now() >= next_compact) {
            const auto changes = queue_->changes();
            const auto done = co_await store_->compact();
            if (done) {
                compacted = changes;
            } else {
                next_compact = Clock::now() + kCompactAgain;
                if (!told) log_.warning("{}; it is tried again every minute", done.error().text);
            }
            told = !done;
        }
        co_await stop_signal_.wait_until(Clock::now() + kCompactEvery);
    }
}

void Daemon::tidy_counters() {
    std::set<std::string> plugins, modules;
    for (const auto &[name, p] : plugins_->all()) {
        plugins.insert(name);
        modules.insert(p->configuration().module);
    }
    for (const auto &module : modules_->views()) modules.insert(module.id);
    counters_.keep(plugins, modules);
}

Result<void> Daemon::change_job(const std::string &id, std::string_view what) {
    const jobs::JobPtr job = queue_->find(id);
    if (!job)
        return error(Code::not_found, fmt::format("there is no open job {}; what has ended can be run again from Hub "
                                                  "only, for its event is erased",
                                                  id));
    Plugin *owner = plugins_->find(job->plugin);
    if (!owner) return error(Code::not_found, fmt::format("the plugin {} of this job is not configured", job->plugin));
    if (what == "cancel") return owner->cancel(job);
    if (job->state != jobs::State::queued)
        return error(Code::invalid,
                     fmt::format("only a waiting job can be hurried; this one is {}", name_of(job->state)));
    queue_->hurry(job);
    return {};
}

Result<void> Daemon::change_plugin(const std::string &name, std::string_view what) {
    if (state_ == "starting") return error(Code::invalid, "angod is still starting; try again in a moment");
    Plugin *plugin = plugins_->find(name);
    if (!plugin) return error(Code::not_found, fmt::format("there is no plugin \"{}\"", name));
    if (what == "disable")
        plugin->disable("disabled by the operator");
    else if (what == "enable")
        plugin->enable();
    else
        plugin->restart();
    return {};
}

/// One at a time.
awaitable<Result<void>> Daemon::reload() {
    if (reloading_) co_return error(Code::invalid, "the configuration is being changed already");
    reloading_ = true;
    if (state_ == "running") service::reloading();
    std::exception_ptr failed;
    std::optional<Result<void>> done;
    try {
        auto changed = co_await take_over_changes();
        done.emplace(std::move(changed));
    } catch (...) {
        failed = std::current_exception();
    }
    reloading_ = false;
    if (state_ == "running") tell_ready();
    reloaded_.wake_all();
    if (failed) std::rethrow_exception(failed);
    co_return std::move(*done);
}

/// Takes over what a changed file says, as a whole or not at all.
awaitable<Result<void>> Daemon::take_over_changes() {
    while (state_ == "starting" && !stopping_) co_await started_.wait();
    if (stopping_) co_return error(Code::invalid, "angod is stopping");
    auto loaded = load_();
    for (const std::string &warning : loaded.warnings) log_.warning("{}", warning);
    if (!loaded.config) co_return error(Code::invalid, fmt::format("{}", fmt::join(loaded.errors, "; ")));
    config::Config &next = *loaded.config;
    if (const auto fixed = config::needs_restart(config_, next); !fixed.empty())
        log_.warning("what has changed in {} takes effect at the next start of angod", fmt::join(fixed, ", "));
    if (const bool needs_listener = !connector_; needs_listener)
        for (const config::Plugin &plugin : next.plugins)
            if (plugin.rest)
                co_return error(
                    Code::invalid,
                    fmt::format("the plugin {} has the connector \"rest\", and the first of these needs a new "
                                "start of angod",
                                plugin.name));
    auto changed = co_await plugins_->change(next.plugins);
    if (!changed) co_return changed;
    config::take_over(config_, std::move(next));
    if (connector_) connector_->set_hold(std::chrono::seconds(config_.connector.hold_s));
    Log::configure(config_.log.level, config_.log.json);
    log_.info("the configuration was read again: {} plugins", plugins_->all().size());
    co_return changed;
}

/// What a change under way may not have seen is looked at after it, once for all signals that came meanwhile.
awaitable<void> Daemon::reload_on_signal() {
    if (std::exchange(reload_waits_, true)) co_return;
    while (reloading_) co_await reloaded_.wait();
    reload_waits_ = false;
    if (stopping_) co_return;
    const auto done = co_await reload();
    if (!done) log_.error("the configuration was not taken, the present one goes on: {}", done.error().text);
}

admin::StatusView Daemon::status() const {
    admin::StatusView view;
    view.version = ANGOD_VERSION;
    view.state_dir = config_.state_dir.string();
    view.state = state_;
    view.pid = own_pid();
    view.started_ms = started_ms_;
    view.uptime_s = (since_boot_ms() - started_boot_ms_) / 1000;
    view.resident_bytes = own_resident();
    view.plugins = plugins_->all().size();
    for (const auto &[name, p] : plugins_->all()) view.live += p->view().state == "live";
    view.hosts = hosts_->hosts();
    const auto counts = queue_->counts();
    view.queued = counts.queued;
    view.running = counts.running;
    view.answering = counts.answering;
    view.modules_ready = modules_->ready_count();
    view.modules_rejected = modules_->refused_count();
    view.log_lines_dropped = Log::dropped();
    return view;
}

} // namespace

Result<void> run_daemon(config::Config config, LoadConfig load, const std::filesystem::path &host_program) {
    std::signal(SIGPIPE, SIG_IGN);
    asio::io_context context(1);
    adopt_orphans(context);
    Daemon daemon(context, std::move(config), std::move(load));
    if (auto built = daemon.build(host_program); !built) return built.error();
    spawn(context.get_executor(), "daemon", daemon.run());
    context.run();
    return {};
}

} // namespace angod::app
