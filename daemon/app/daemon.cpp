// angod as a whole.
//
// build() makes everything in the order of dependence, so that what a thing refers to is there before it and goes after
// it. run() starts it, waits for the end, and stops in reverse: nothing new is started, what runs may end and be
// answered, and what does not end within drain_s stays in the store as queued.
// Everything between start and stop is in files of its own: plugins, reload, operator_actions, housekeeping,
// module_histories.
// Thread: the event loop; long events go to a pool of two threads, and calls of the file system to threads of their own.
#include "app/daemon.hpp"

#include "admin/routes.hpp"
#include "app/descriptor_watch.hpp"
#include "app/housekeeping.hpp"
#include "app/loop_watch.hpp"
#include "app/module_check.hpp"
#include "app/module_histories.hpp"
#include "app/operator_actions.hpp"
#include "app/plugins.hpp"
#include "app/views.hpp"
#include "base/disk_call.hpp"
#include "base/files.hpp"
#include "base/local_listener.hpp"
#include "base/log_tail.hpp"
#include "base/orphans.hpp"
#include "base/plural.hpp"
#include "base/service.hpp"
#include "http/server.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Plugins start with the modules that are found by then; the others follow as theirs come.
constexpr auto kScanPatience = 2s;
/// After drain_s, for the delivery of answers, the end of hosts, and the store.
constexpr auto kAfterDrain = 60s;

/// Descriptors for operators who look at an angod that has no other one left.
constexpr std::uint64_t kReserve = 8;

class Daemon {
public:
    Daemon(asio::io_context &context, config::Config config)
        : context_(context), config_(std::move(config)), pool_(2), lifecycle_(context.get_executor()) {}
    /// Work that the pool still does uses members of this.
    ~Daemon() { pool_.join(); }
    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;

    Result<void> build(LoadConfig load, const std::filesystem::path &host_program);
    awaitable<void> run();

private:
    Result<void> build_store();
    void build_modules();
    Result<void> build_plugins();
    Result<void> build_admin(LoadConfig load);
    void start();
    awaitable<void> follow_signals();
    void request_stop();
    awaitable<void> stop();
    Housekeeping::Neighbours neighbours_of_housekeeping();
    asio::any_io_executor executor() const { return context_.get_executor(); }

    asio::io_context &context_;
    config::Config config_; ///< its plugins are those of the last change
    asio::thread_pool pool_;
    Log log_;
    Lifecycle lifecycle_;

    std::optional<Program> host_program_;
    std::unique_ptr<jobs::Store> store_;
    std::optional<jobs::Queue> queue_;
    std::optional<ModuleHistories> histories_;
    std::optional<supervisor::ModuleProbe> probe_;
    std::optional<supervisor::Modules> modules_;
    std::optional<supervisor::HostPool> hosts_;
    std::optional<hub::CallBudget> calls_;
    std::unique_ptr<connector::Connector> connector_; ///< null: no plugin is called by Hub
    std::optional<SettingsChecks> checks_;
    Runs runs_;
    Counters counters_;
    std::optional<Shared> shared_;
    std::optional<Plugins> plugins_;
    std::optional<Housekeeping> housekeeping_;
    std::optional<Reload> reload_;
    std::optional<LoopWatch> loop_watch_;
    std::optional<DaemonViews> views_;
    std::optional<OperatorActions> actions_;
    std::optional<admin::Routes> routes_;
    std::optional<DescriptorReserve> reserve_; ///< for the admin socket
    std::optional<DescriptorWatch> descriptors_;
    std::optional<http::Server> admin_;
};

Result<void> Daemon::build(LoadConfig load, const std::filesystem::path &host_program) {
    auto program = Program::open(host_program);
    if (!program) return program.error();
    host_program_.emplace(std::move(*program));
    if (auto built = build_store(); !built) return built;
    build_modules();
    if (auto built = build_plugins(); !built) return built;
    housekeeping_.emplace(neighbours_of_housekeeping());
    return build_admin(std::move(load));
}

Result<void> Daemon::build_store() {
    auto store = jobs::Store::open(config_.state_dir, config_.power_safe, executor());
    if (!store) return store.error();
    store_ = std::move(*store);
    files::remove_all(config_.state_dir / "scratch"); // of jobs that a kill interrupted
    remove_old_checks(config_.state_dir);
    if (auto made = files::make_private_folder(config_.state_dir / "scratch"); !made) return made.error();
    queue_.emplace(executor(), *store_);
    queue_->set_max_bytes(config_.limits.queue_bytes());
    return {};
}

void Daemon::build_modules() {
    histories_.emplace(executor(), *store_);
    probe_.emplace(executor(), config_.staging_dir(), *host_program_, log_);
    supervisor::Modules::Options follow;
    follow.files.folders = config_.module_dirs;
    follow.crash = {static_cast<std::size_t>(config_.crash.count), std::chrono::seconds(config_.crash.within_s)};
    modules_.emplace(
        executor(), *probe_, std::move(follow),
        [this](std::string id, std::string history) { histories_->save(std::move(id), std::move(history)); }, log_);
    modules_->restore(store_->module_histories());
    hosts_.emplace(executor(), *host_program_, static_cast<std::size_t>(config_.limits.max_hosts), log_);
}

Result<void> Daemon::build_plugins() {
    calls_.emplace(executor());
    calls_->configure(config_.limits.hub_calls());
    if (!config_.connector.address.empty()) {
        auto made = connector::Connector::open(executor(), config_.connector.address, config_.connector.port, *calls_);
        if (!made) return made.error();
        connector_ = std::move(*made);
    }
    checks_.emplace(executor(), *store_);
    shared_.emplace(Shared{executor(), pool_, config_, *store_, *queue_, *hosts_, *modules_, *checks_, runs_, counters_,
                           *calls_, connector_.get(), config_.state_dir / "scratch"});
    plugins_.emplace(*shared_);
    return plugins_->prepare(config_.plugins);
}

Result<void> Daemon::build_admin(LoadConfig load) {
    auto acceptor = listen_local(executor(), {config_.admin.socket, config_.admin.mode, config_.admin.group});
    if (!acceptor) return acceptor.error();
    reload_.emplace(std::move(load),
                    Reload::Neighbours{executor(), lifecycle_, config_, *plugins_, *queue_, *calls_, connector_.get()});
    views_.emplace(DaemonViews::Neighbours{lifecycle_, config_.state_dir, *plugins_, *modules_, *hosts_, *queue_,
                                           counters_, *calls_, loop_watch_});
    actions_.emplace(
        OperatorActions::Neighbours{lifecycle_, *queue_, *plugins_, *modules_, *reload_, [this] { request_stop(); }});
    routes_.emplace(*views_, *actions_, *store_, *queue_, log_tail());
    reserve_.emplace(static_cast<std::size_t>(std::min<std::uint64_t>(kReserve, descriptor_limit() / 8)));
    descriptors_.emplace(lifecycle_, *reserve_);
    http::ServerOptions serving;
    serving.free_descriptor = [this] { return reserve_->give_one(); };
    serving.closed = [this] { reserve_->refill(); };
    admin_.emplace(
        std::move(*acceptor), [this](http::Request request) { return routes_->handle(std::move(request)); },
        std::move(serving));
    return {};
}

Housekeeping::Neighbours Daemon::neighbours_of_housekeeping() {
    return {lifecycle_, config_, *store_, *queue_, *plugins_, *modules_, counters_, runs_};
}

awaitable<void> Daemon::run() {
    loop_watch_.emplace(executor(), LoopWatch::usual(), log_);
    spawn(executor(), "signals", follow_signals());
    if (const auto patience = service::watchdog()) spawn(executor(), "watchdog", feed_watchdog(*store_, *patience));
    admin_->start();
    spawn(executor(), "descriptors", descriptors_->run());
    spawn(executor(), "modules", modules_->run());
    co_await modules_->scanned(Clock::now() + kScanPatience);
    if (!lifecycle_.is_stopping()) start();
    co_await lifecycle_.stop_requested();
    co_await stop();
    loop_watch_.reset();
    context_.stop();
}

void Daemon::start() {
    spawn(executor(), "module changes", plugins_->follow_modules());
    plugins_->start(config_.plugins);
    if (connector_) {
        connector_->start();
        const auto &listen = config_.connector;
        const bool has_colons = listen.address.find(':') != std::string::npos;
        log_.info("Hub's calls are taken at {}:{}", has_colons ? "[" + listen.address + "]" : listen.address,
                  listen.port);
    }
    lifecycle_.run();
    const std::size_t plugins = plugins_->all().size(), modules = modules_->ready_count();
    log_.info("angod {} runs with {} plugin{} and {} module{}", ANGOD_VERSION, plugins, plural(plugins), modules,
              plural(modules));
    announce_ready(*plugins_);
    spawn(executor(), "housekeeping", housekeeping_->run());
}

awaitable<void> Daemon::follow_signals() {
    asio::signal_set signals(executor(), SIGTERM, SIGINT, SIGHUP);
    for (;;) {
        const auto [failed, signal] = co_await signals.async_wait(as_value);
        if (failed) co_return;
        if (signal == SIGHUP) {
            log_.info("SIGHUP received");
            reload_->on_signal();
            continue;
        }
        log_.info("{} received", signal == SIGTERM ? "SIGTERM" : "SIGINT");
        request_stop();
    }
}

void Daemon::request_stop() {
    lifecycle_.request_stop();
    modules_->stop();
}

awaitable<void> Daemon::stop() {
    if (connector_) connector_->drain();
    service::stopping("draining", std::chrono::seconds(config_.drain_s) + kAfterDrain);
    const auto counts = queue_->counts();
    log_.info("stopping: {} running, {} queued, {} answers to deliver", counts.running, counts.queued,
              counts.answering);
    queue_->stop_claiming();
    co_await queue_->drained(Clock::now() + std::chrono::seconds(config_.drain_s));
    co_await hosts_->stop();
    if (connector_) connector_->stop();
    co_await plugins_->stop();
    admin_->stop();
    const auto remove = [socket = config_.admin.socket](const DiskCall &) {
        std::error_code ignored;
        return std::filesystem::remove(socket, ignored);
    };
    const auto removed = co_await on_disk_thread("the folder of the admin socket", 2s, remove);
    if (!removed) log_.warning("{}", removed.error().text);
    if (const auto done = co_await store_->compact(); !done) log_.warning("{}", done.error().text);
    log_.info("stopped with {} jobs left for the next start",
              queue_->counts().queued + queue_->counts().running + queue_->counts().answering);
}

} // namespace

Result<void> run_daemon(config::Config config, LoadConfig load, const std::filesystem::path &host_program) {
    std::signal(SIGPIPE, SIG_IGN);
    asio::io_context context(1);
    adopt_orphans(context);
    Daemon daemon(context, std::move(config));
    if (auto built = daemon.build(std::move(load), host_program); !built) return built.error();
    spawn(context.get_executor(), "daemon", daemon.run());
    context.run();
    return {};
}

} // namespace angod::app
