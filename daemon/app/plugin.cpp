// One plugin, wired together.
//
// An event of Hub arrives in accept, which records it in the queue before it is acknowledged. The queue then calls
// runnable, which claims jobs and starts a Run for each. A Run gives its answer to the queue, the queue calls answered,
// and the outbox sends it. Everything that has states is in a file of its own: run, readiness, outbox, warm_host.
// Thread: the event loop; long events are parsed on the pool.
#include "app/plugin.hpp"

#include "app/hub_log.hpp"
#include "app/make_link.hpp"
#include "app/plugin_kind.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLarge = 64 * 1024; ///< longer events are parsed off the event loop

} // namespace

/// supervisor::Modules, as far as this plugin's module is concerned.
class Plugin::OwnModule final : public ModuleSource {
public:
    OwnModule(supervisor::Modules &modules, std::string id) : modules_(modules), id_(std::move(id)) {}
    supervisor::GenerationPtr find() const override { return modules_.find(id_); }
    supervisor::GenerationPtr rollback_target() override { return modules_.rollback_target(id_); }
    bool is_decided() const override { return modules_.is_decided(id_); }
    std::string why_not() const override { return modules_.why_not(id_); }
    void proved(const supervisor::Generation &generation) override { modules_.proved(generation); }

private:
    supervisor::Modules &modules_;
    const std::string id_;
};

Plugin::Plugin(const Shared &shared, SessionLog &session_log, config::Plugin config,
               std::shared_ptr<asio::ssl::context> tls)
    : shared_(shared),
      config_(std::move(config)),
      log_(Log().with("plugin", config_.name)),
      module_(std::make_unique<OwnModule>(shared.modules, config_.module)),
      link_(make_link(std::move(tls))),
      hosts_(shared, config_, log_),
      outbox_(
          {shared.executor, config_.name, config_.hub_log, shared.queue, *link_, shared.counters, session_log, log_}),
      readiness_(neighbours_of_readiness()),
      confirmation_(shared.executor, shared.store, config_.id, config_.secret, log_),
      warm_host_(shared.executor, hosts_, readiness_, log_),
      run_lines_(shared.executor, log_),
      environment_{shared.executor, config_,     shared.config, shared.queue, shared.runs,
                   shared.counters, session_log, run_lines_,    shared.calls, shared.scratch,
                   hosts_,          *link_,      readiness_,    recording_,   log_},
      pause_ended_(shared.executor) {
    hosts_.on_lost([this] { warm_host_.ensure(); });
}

std::unique_ptr<hub::Link> Plugin::make_link(std::shared_ptr<asio::ssl::context> tls) {
    hub::Link::Callbacks on;
    on.live = [this] { outbox_.send_all(); };
    on.plugin_event = [this](std::string payload, std::function<void()> ack) {
        spawn(shared_.executor, "event", accept(std::move(payload), std::move(ack)));
    };
    on.delivered = [this](const std::vector<std::string> &keys) { outbox_.delivered(keys); };
    on.undeliverable = [this](const std::string &key, const std::string &why) { outbox_.undeliverable(key, why); };
    on.run = [this](const std::string &key) { return outbox_.run_of(key); };
    on.kind = [this] { return readiness_.kind(); };
    on.confirmed = [this] { confirmation_.seen(); };
    on.ready = [this] { return readiness_.why_not_ready().empty(); };
    return app::make_link(shared_, config_, std::move(tls), std::move(on), log_);
}

Readiness::Neighbours Plugin::neighbours_of_readiness() {
    return {shared_.executor,
            config_,
            [this] { return std::chrono::seconds(shared_.config.drain_s); },
            *module_,
            hosts_,
            *link_,
            shared_.queue,
            shared_.checks,
            [this] { runnable(); },
            [this] { warm_host_.ensure(); },
            log_};
}

// ---- the path of an event

awaitable<void> Plugin::accept(std::string payload, std::function<void()> ack) {
    recording_.event(std::chrono::steady_clock::now(), payload);
    const auto parse = [&] { return hub::parse_plugin_event(payload, config_.id); };
    std::optional<Result<hub::PluginEvent>> parsed;
    if (payload.size() > kLarge)
        parsed.emplace(co_await on_pool(shared_.pool, parse));
    else
        parsed.emplace(parse());
    const auto &event = *parsed;
    if (!event) {
        log_.warning("a run of Hub was refused: {}", event.error().text);
        if (ack) ack();
        co_return;
    }
    confirmation_.seen();
    jobs::NewJob job;
    job.plugin = config_.name;
    job.kind = readiness_.kind();
    job.effects = has_effects(job.kind, event->flags);
    job.session = event->session;
    job.digest = event->digest;
    job.log_context = event->log_context;
    if (config_.rest) job.answer_key = event->api_key;
    job.event = std::make_shared<const std::string>(std::move(payload));
    const auto recorded = co_await shared_.queue.record(std::move(job));
    if (!recorded) outbox_.refuse(*event, recorded.error());
    if (ack) ack();
    if (!has_open_link(readiness_.state())) readiness_.look_again(); // Hub may call a plugin that is not ready
}

void Plugin::runnable() {
    // Readiness calls this again when it changes.
    if (!takes_runs(readiness_.state()) || !readiness_.starts_runs()) return;
    if (const auto pause = hosts_.pause(); pause > 0ms && readiness_.why_not_ready().empty())
        return runnable_after(pause);
    // A run that ends at once calls this again: the loop goes on then, and the stack does not grow.
    if (std::exchange(claiming_, true)) return;
    while (running_ < concurrency()) {
        const jobs::JobPtr job = shared_.queue.claim(config_.name);
        if (!job) break;
        ++running_;
        spawn(shared_.executor, "job", run(Run::begin(environment_, job)));
    }
    claiming_ = false;
}

std::int64_t Plugin::concurrency() const {
    const auto generation = readiness_.generation();
    return runs_at_a_time(config_, readiness_.kind(), generation && generation->version.info.concurrent);
}

/// Its hosts crash too often for the next one to be started at once.
void Plugin::runnable_after(Clock::duration time) {
    if (std::exchange(pausing_, true)) return;
    spawn(shared_.executor, "pause", [](Plugin &self, Clock::duration pause) -> awaitable<void> {
        co_await self.pause_ended_.wait_until(Clock::now() + pause);
        self.pausing_ = false;
        self.runnable();
    }(*this, time));
}

awaitable<void> Plugin::run(std::shared_ptr<Run> run) {
    co_await run->attempt();
    --running_;
    runnable();
}

void Plugin::tell(const jobs::Job &job, hub::LogLevel level, const std::string &text) {
    if (goes_to_hub(config_.hub_log, level)) link_->log(job.id, job.log_context, level, text);
}

Result<void> Plugin::cancel(const jobs::JobPtr &job) {
    if (job->state == jobs::State::queued) {
        shared_.queue.take(job);
        return Run::begin(environment_, job)->cancel();
    }
    if (job->state != jobs::State::running)
        return error(Code::invalid, fmt::format("the run has ended already; it is {}", name_of(job->state)));
    const auto run = shared_.runs.find(job->id);
    if (run == shared_.runs.end()) return error(Code::invalid, "the run has just ended; its answer is being recorded");
    return std::shared_ptr<Run>(run->second)->cancel();
}

// ---- its life

void Plugin::start() {
    spawn(shared_.executor, "confirmation", confirmation_.load());
    spawn(shared_.executor, "plugin", readiness_.follow_module());
}

awaitable<void> Plugin::stop() {
    hosts_.stop();
    warm_host_.wake(); // these two look at the state later in this turn of the event loop
    pause_ended_.wake_all();
    co_await readiness_.stop();
}

awaitable<void> Plugin::hand_over() {
    hosts_.stop(); // first: what waits for a host goes back into the queue
    hosts_.drain_others(0);
    co_await stop();
    stop_routing();
}

bool Plugin::idle() const {
    const ReadyState state = readiness_.state();
    if (has_open_link(state) || running_ > 0 || warm_host_.is_starting()) return false;
    return state != ReadyState::stopped || !readiness_.is_following();
}

} // namespace angod::app
