#include "app/daemon.hpp"

#include "admin/routes.hpp"
#include "app/module_views.hpp"
#include "app/plugin.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/service.hpp"
#include "socketio/net_stream.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <map>
#include <set>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kTidyEvery = 10min;
constexpr auto kCompactEvery = 5s;
constexpr auto kRecordAgain = 5s;
/// Plugins start with the modules that are found by then; the others follow as theirs come.
constexpr auto kScanPatience = 2s;

class Daemon {
public:
    Daemon(asio::io_context &context, const config::Config &config)
        : context_(context), config_(config), pool_(2), stop_signal_(context.get_executor()) {}

    Result<void> build(const std::filesystem::path &host_program);
    awaitable<void> run();

private:
    void start_plugins();
    awaitable<void> tell_of_modules();
    awaitable<void> keep_history(std::string id, std::string history);
    awaitable<void> wait_for_stop();
    void request_stop();
    awaitable<void> stop();
    awaitable<void> housekeeping();
    Plugin *plugin(const std::string &name);
    Result<void> change_job(const std::string &id, std::string_view what);
    admin::StatusView status() const;

    asio::io_context &context_;
    const config::Config &config_;
    asio::thread_pool pool_;
    Log log_;
    std::string state_ = "starting";
    const std::int64_t started_ms_ = now_ms(), started_boot_ms_ = since_boot_ms();
    bool stopping_ = false;
    Signal stop_signal_;

    std::unique_ptr<jobs::Store> store_;
    std::optional<Program> host_program_;
    std::optional<jobs::Queue> queue_;
    std::optional<supervisor::ModuleProbe> probe_;
    std::optional<supervisor::Modules> modules_;
    std::optional<supervisor::HostPool> hosts_;
    std::map<std::string, std::shared_ptr<asio::ssl::context>> tls_; ///< by ca_file
    std::map<std::string, std::string> histories_;                   ///< of modules, to be recorded, by id
    Trials trials_;
    std::unique_ptr<connector::Connector> connector_; ///< null: no plugin is called by Hub
    std::map<std::string, std::unique_ptr<Plugin>> plugins_;
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
        if (Plugin *p = plugin(name)) p->runnable();
    };
    on.answered = [this](const jobs::JobPtr &job) {
        if (Plugin *p = plugin(job->plugin)) p->answered(job);
    };
    queue_.emplace(executor, *store_, std::move(on));
    probe_.emplace(config_.state_dir / "modules", *host_program_, pool_, log_);
    supervisor::Modules::Options follow;
    follow.folders = config_.module_dirs;
    follow.crash = {static_cast<std::size_t>(config_.crash.count), std::chrono::seconds(config_.crash.within_s)};
    modules_.emplace(
        executor, *probe_, std::move(follow),
        [this](std::string id, std::string history) {
            spawn(context_.get_executor(), "module history", keep_history(std::move(id), std::move(history)));
        },
        log_);
    modules_->restore(store_->module_histories());
    hosts_.emplace(executor, *host_program_, static_cast<std::size_t>(config_.limits.max_hosts), log_);

    for (const config::Plugin &plugin : config_.plugins) {
        auto &tls = tls_[plugin.hub.ca_file];
        if (tls || plugin.rest || !parse_url(plugin.hub.url)->encrypted()) continue;
        auto made = socketio::make_tls_context(plugin.hub.ca_file);
        if (!made) return made.error();
        tls = std::move(*made);
    }
    if (!config_.connector.address.empty()) {
        auto made = connector::Connector::open(executor, config_.connector.address, config_.connector.port);
        if (!made) return made.error();
        connector_ = std::move(*made);
    }
    auto acceptor = listen_local(executor, {config_.admin.socket, config_.admin.mode, config_.admin.group});
    if (!acceptor) return acceptor.error();
    routes_.emplace(admin::Sources{
        [this] { return status(); },
        [this] {
            std::vector<admin::PluginView> views;
            for (const auto &[name, p] : plugins_) views.push_back(p->view());
            return views;
        },
        [this] { return module_views(*modules_); },
        [this](const std::string &id, std::string_view what) {
            return what == "reload" ? modules_->reload(id) : modules_->rollback(id);
        },
        [this](const std::string &id, std::string_view what) { return change_job(id, what); }, *store_, *queue_,
        [this] {
            log_.info("shutdown requested over the admin socket");
            request_stop();
        }});
    admin_.emplace(std::move(*acceptor), [this](http::Request request) { return routes_->handle(std::move(request)); });
    return {};
}

void Daemon::start_plugins() {
    const Shared shared{
        context_.get_executor(),      pool_, config_, *store_, *queue_, *hosts_, *modules_, trials_, connector_.get(),
        config_.state_dir / "scratch"};
    for (const config::Plugin &plugin : config_.plugins)
        plugins_[plugin.name] = std::make_unique<Plugin>(shared, plugin, tls_[plugin.hub.ca_file]);
    std::set<std::string> names;
    for (const auto &[name, p] : plugins_) names.insert(name);
    for (const auto &[name, count] : queue_->restore(names))
        log_.warning("{} open runs of the plugin {}, which is not configured, stay in the store", count, name);
    for (const auto &[name, p] : plugins_) p->start();
    if (connector_) connector_->start();
}

awaitable<void> Daemon::run() {
    spawn(context_.get_executor(), "signals", wait_for_stop());
    admin_->start();
    spawn(context_.get_executor(), "modules", modules_->run());
    co_await modules_->scanned(Clock::now() + kScanPatience);
    if (!stopping_) {
        spawn(context_.get_executor(), "module changes", tell_of_modules());
        start_plugins();
        state_ = "running";
        log_.info("angod {} runs with {} plugins and {} modules", ANGOD_VERSION, plugins_.size(),
                  modules_->ready_count());
        service::ready(fmt::format("{} plugins", plugins_.size()));
        spawn(context_.get_executor(), "housekeeping", housekeeping());
    }
    while (!stopping_) co_await stop_signal_.wait();
    co_await stop();
    context_.stop();
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
        for (const auto &[name, p] : plugins_) p->modules_changed();
    }
}

awaitable<void> Daemon::wait_for_stop() {
    asio::signal_set signals(context_.get_executor(), SIGTERM, SIGINT, SIGHUP);
    for (;;) {
        const auto [failed, signal] = co_await signals.async_wait(as_value);
        if (failed) co_return;
        if (signal == SIGHUP) {
            log_.warning("SIGHUP ignored: this version reads its configuration at start only");
            continue;
        }
        log_.info("{} received", signal == SIGTERM ? "SIGTERM" : "SIGINT");
        request_stop();
    }
}

void Daemon::request_stop() {
    stopping_ = true;
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
    std::size_t left = plugins_.size();
    for (const auto &[name, p] : plugins_)
        spawn(context_.get_executor(), "plugin stop",
              [](Plugin &one, std::size_t &count, Signal &done) -> awaitable<void> {
                  co_await one.stop();
                  --count;
                  done.wake_all();
              }(*p, left, stop_signal_));
    while (left > 0) co_await stop_signal_.wait();
    admin_->stop();
    std::error_code ignored;
    std::filesystem::remove(config_.admin.socket, ignored);
    if (const auto done = co_await store_->compact(); !done) log_.warning("{}", done.error().text);
    log_.info("stopped with {} jobs left for the next start",
              queue_->counts().queued + queue_->counts().running + queue_->counts().answering);
}

awaitable<void> Daemon::housekeeping() {
    auto next_tidy = Clock::now();
    std::optional<std::uint64_t> compacted; // what a killed angod left has not been
    while (!stopping_) {
        if (Clock::now() >= next_tidy) {
            next_tidy = Clock::now() + kTidyEvery;
            if (const auto done = co_await store_->tidy(config_.retention_days); !done)
                log_.error("{}", done.error().text);
        }
        // When nothing is open, no API key should be left in the write-ahead log either.
        const auto counts = queue_->counts();
        if (counts.queued + counts.running + counts.answering == 0 && queue_->changes() != compacted) {
            compacted = queue_->changes();
            if (const auto done = co_await store_->compact(); !done) log_.warning("{}", done.error().text);
        }
        co_await stop_signal_.wait_until(Clock::now() + kCompactEvery);
    }
}

Result<void> Daemon::change_job(const std::string &id, std::string_view what) {
    const jobs::JobPtr job = queue_->find(id);
    if (!job)
        return error(Code::not_found, fmt::format("there is no open job {}; what has ended can be run again from Hub "
                                                  "only, for its event is erased",
                                                  id));
    Plugin *owner = plugin(job->plugin);
    if (!owner) return error(Code::not_found, fmt::format("the plugin {} of this job is not configured", job->plugin));
    if (what == "cancel") return owner->cancel(job);
    if (job->state != jobs::State::queued)
        return error(Code::invalid,
                     fmt::format("only a waiting job can be hurried; this one is {}", name_of(job->state)));
    queue_->hurry(job);
    return {};
}

Plugin *Daemon::plugin(const std::string &name) {
    const auto found = plugins_.find(name);
    return found == plugins_.end() ? nullptr : found->second.get();
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
    view.plugins = plugins_.size();
    for (const auto &[name, p] : plugins_) view.live += p->view().state == "live";
    view.hosts = hosts_->hosts();
    const auto counts = queue_->counts();
    view.queued = counts.queued;
    view.running = counts.running;
    view.answering = counts.answering;
    view.modules_ready = modules_->ready_count();
    view.modules_rejected = modules_->refused_count();
    return view;
}

} // namespace

Result<void> run_daemon(const config::Config &config, const std::filesystem::path &host_program) {
    std::signal(SIGPIPE, SIG_IGN);
    asio::io_context context(1);
    Daemon daemon(context, config);
    if (auto built = daemon.build(host_program); !built) return built.error();
    spawn(context.get_executor(), "daemon", daemon.run());
    context.run();
    return {};
}

} // namespace angod::app
