#include "app/plugin.hpp"

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/grouped.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"
#include "connector/rest_link.hpp"
#include "hub/plugin_link.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using supervisor::JobEnd;

constexpr std::size_t kLarge = 64 * 1024; ///< longer events are taken apart off the event loop
constexpr std::size_t kMostRefusals = 1000;
/// A plugin that could not be set up is tried again so often: what was missing may have come.
constexpr auto kReadyRetry = 30s;
/// Wait before a repetition after a crash or a failed start; doubles with each attempt.
constexpr std::int64_t kCrashWaitMs = 1000;
/// Crashes of a new version that one job is not charged for.
constexpr std::int64_t kMostForgiven = 10;
constexpr std::int64_t kMaxAgeS = 86'400, kMaxWaitedForS = 300;
/// Before an eager plugin's host is started again; doubles as long as they do not live for a while.
constexpr std::chrono::seconds kFirstRestart = 1s, kLongestRestart = 60s;
constexpr auto kSteady = 120s;
/// For hosts that are told to leave.
constexpr auto kLeaveLimit = 10s;
constexpr std::chrono::seconds kForEver = 24h * 3650;
constexpr std::int64_t kLongestWaitMs = 86'400'000;
/// A module may put its whole event into the text of a failure: too long for Hub's log, and not to be kept.
constexpr std::size_t kMaxText = 4096;

hub::LinkOptions link_options(const config::Plugin &config, std::shared_ptr<asio::ssl::context> tls) {
    hub::LinkOptions options;
    options.id = config.id;
    options.secret = config.secret;
    options.connection.url = *parse_url(config.hub.url); // the configuration has checked it
    options.connection.tls = std::move(tls);
    options.connection.proxy = *proxy_for(config.hub.proxies, options.connection.url); // likewise
    options.connection.name_space = "/plugin";
    options.connection.user_agent = "angod/" ANGOD_VERSION;
    return options;
}

connector::RestOptions rest_options(const config::Plugin &config, const config::Config &all) {
    connector::RestOptions options;
    options.id = config.id;
    options.secret = config.secret;
    options.api_url = config.hub.api_url;
    options.client.ca_file = config.hub.ca_file;
    options.client.proxies = config.hub.proxies;
    options.hold = std::chrono::seconds(all.connector.hold_s);
    return options;
}

hub::LogLevel level_of(std::uint32_t level) { return static_cast<hub::LogLevel>(std::min<std::uint32_t>(level, 3)); }

} // namespace

Plugin::Plugin(Shared shared, config::Plugin config, std::shared_ptr<asio::ssl::context> tls)
    : shared_(std::move(shared)),
      config_(std::move(config)),
      log_(Log().with("plugin", config_.name)),
      owned_link_(make_link(std::move(tls))),
      link_(*owned_link_),
      crashes_(
          {static_cast<std::size_t>(shared_.config.crash.count), std::chrono::seconds(shared_.config.crash.within_s)}),
      wake_(shared_.executor) {}

std::unique_ptr<hub::Link> Plugin::make_link(std::shared_ptr<asio::ssl::context> tls) {
    hub::Link::Callbacks on;
    on.live = [this] { send_all_answers(); };
    on.plugin_event = [this](std::string payload, std::function<void()> ack) {
        spawn(shared_.executor, "event", accept(std::move(payload), std::move(ack)));
    };
    on.delivered = [this](const std::vector<std::string> &keys) { delivered(keys); };
    on.undeliverable = [this](const std::string &key, const std::string &why) { undeliverable(key, why); };
    on.run = [this](const std::string &key) { return run_of(key); };
    on.ready = [this] { return not_ready_.empty(); };
    if (config_.rest)
        return std::make_unique<connector::RestLink>(shared_.executor, shared_.pool, *shared_.connector,
                                                     rest_options(config_, shared_.config), std::move(on), log_);
    return std::make_unique<hub::PluginLink>(shared_.executor, shared_.pool, link_options(config_, std::move(tls)),
                                             std::move(on), log_);
}

// ---- ready or not

void Plugin::start() { spawn(shared_.executor, "plugin", follow_module()); }

supervisor::GenerationPtr Plugin::wanted() const {
    return disabled_.empty() ? shared_.modules.find(config_.module) : nullptr;
}

void Plugin::disable(std::string why) {
    disabled_ = std::move(why);
    wake_.wake_all();
}

void Plugin::enable() {
    disabled_.clear();
    wake_.wake_all();
}

void Plugin::restart() {
    shared_.hosts.drain_others(config_.name, 0, std::chrono::seconds(shared_.config.drain_s));
    spawn(shared_.executor, "plugin restart", [](Plugin &self) -> awaitable<void> {
        if (!self.linked_) co_return self.wake_.wake_all();
        co_await self.link_.stop();
        if (!self.stopping_) self.link_.start();
    }(*this));
}

awaitable<void> Plugin::give_way() {
    shared_.hosts.drain_others(config_.name, 0, std::chrono::seconds(shared_.config.drain_s));
    co_await stop();
    linked_ = false;
    leave();
}

awaitable<void> Plugin::stop() {
    stopping_ = true;
    wake_.wake_all();
    if (linked_) co_await link_.stop();
}

Result<PluginKind> Plugin::kind_in(const supervisor::ModuleInfo &info) const {
    if (config_.kind && std::find(info.kinds.begin(), info.kinds.end(), *config_.kind) == info.kinds.end())
        return error(Code::invalid,
                     fmt::format("the module {} does not serve the kind {}", config_.module, name_of(*config_.kind)));
    if (!config_.kind && info.kinds.size() > 1)
        return error(Code::invalid,
                     fmt::format("the module {} serves several kinds; say which with \"kind\"", config_.module));
    return config_.kind.value_or(info.kinds.front());
}

/// The plugin's life: it moves to each generation of its module that can do its work, and has a link to Hub while one
/// can.
awaitable<void> Plugin::follow_module() {
    while (!stopping_) {
        const auto next = wanted();
        if (!next) {
            if (std::exchange(serving_, nullptr))
                shared_.hosts.drain_others(config_.name, 0, std::chrono::seconds(shared_.config.drain_s));
            // A module that is still being tried out may yet do what waits.
            const bool given_up = shared_.modules.is_decided(config_.module) || !disabled_.empty();
            std::string why = disabled_;
            if (why.empty()) why = shared_.modules.why_not(config_.module);
            co_await not_ready(std::move(why), given_up);
        } else if (next != serving_ && next->number != refused_) {
            co_await move_to(next);
        }
        if (stopping_) co_return;
        if (wanted() != next) continue; // it moved on meanwhile
        // What was missing may have come without a change of the module.
        if (!not_ready_.empty())
            co_await wake_.wait_until(Clock::now() + kReadyRetry);
        else
            co_await wake_.wait();
    }
}

awaitable<void> Plugin::move_to(supervisor::GenerationPtr next) {
    const auto ready = co_await prepare(next);
    if (stopping_ || (!ready && ready.error().code == Code::cancelled)) co_return;
    if (!ready && serving_) {
        refused_ = next->number;
        refusal_ = ready.error().text;
        log_.error("generation {} of module {} cannot do the work of this plugin, generation {} goes on: {}",
                   next->number, config_.module, serving_->number, refusal_);
        co_return;
    }
    if (!ready) co_return co_await not_ready(ready.error().text, true);
    serving_ = next;
    kind_ = *kind_in(next->version.info);
    refusal_.clear();
    shared_.queue.add_plugin(config_.name, {config_.max_queued, config_.max_age_s.value_or(kMaxAgeS) * 1000,
                                            config_.max_age_s.value_or(kMaxWaitedForS) * 1000});
    shared_.hosts.drain_others(config_.name, next->number, std::chrono::seconds(shared_.config.drain_s));
    not_ready_.clear();
    if (!std::exchange(linked_, true)) link_.start();
    runnable();
}

awaitable<void> Plugin::not_ready(std::string why, bool given_up) {
    const bool is_problem = given_up && disabled_.empty();
    if (why != not_ready_) log_.write(is_problem ? LogLevel::error : LogLevel::info, "not connected: " + why);
    not_ready_ = std::move(why);
    const auto waiting = shared_.queue.counts(config_.name).queued + shared_.queue.answers(config_.name).size();
    if (given_up && (linked_ || waiting > 0)) co_await turn_away();
}

/// Ready means that the module has made an instance with these settings once; that is remembered.
awaitable<Result<void>> Plugin::prepare(supervisor::GenerationPtr next) {
    if (const auto kind = kind_in(next->version.info); !kind) co_return kind.error();
    const std::string fact = fmt::format("{}:{}", next->version.sha256, to_hex(sha256(config_.settings)));
    if (config_.replace && serving_) {
        moving_ = true;
        shared_.hosts.drain_others(config_.name, next->number, std::chrono::seconds(shared_.config.drain_s));
        co_await shared_.hosts.drained(config_.name, next->number,
                                       Clock::now() + std::chrono::seconds(shared_.config.drain_s) + kLeaveLimit);
        auto tried = co_await try_out(next, fact);
        moving_ = false;
        runnable();
        co_return tried;
    }
    if (config_.eager.value_or(*kind_in(next->version.info) == PluginKind::model))
        co_return co_await try_out(next, fact);
    for (;;) {
        const auto known = co_await shared_.store.is_ready(fact);
        if ((known && *known) || stopping_) co_return Result<void>();
        const auto trial = shared_.trials.find(fact);
        if (trial == shared_.trials.end()) break;
        const auto other = trial->second;
        while (!other->ended && !stopping_) co_await other->signal.wait();
        if (!other->result) co_return other->result.error();
    }
    const auto trial = shared_.trials[fact] = std::make_shared<Trial>(shared_.executor);
    try {
        trial->result = co_await try_out(next, fact);
    } catch (const std::exception &e) {
        trial->result = error(Code::invalid, fmt::format("internal error while the plugin was set up: {}", e.what()));
    }
    trial->ended = true;
    shared_.trials.erase(fact);
    trial->signal.wake_all();
    co_return trial->result;
}

/// Starts a host with the plugin in it; it stays for the first event.
awaitable<Result<void>> Plugin::try_out(supervisor::GenerationPtr next, std::string fact) {
    {
        const auto lease = co_await shared_.hosts.acquire(spec(next), false);
        if (!lease) co_return lease.error();
    }
    if (const auto kept = co_await shared_.store.set_ready(fact); !kept) log_.warning("{}", kept.error().text);
    co_return Result<void>();
}

/// Sessions that wait in Hub must end although nothing can be run: they are answered, then the light goes red.
awaitable<void> Plugin::turn_away() {
    if (!std::exchange(linked_, true)) link_.start();
    runnable();
    const auto deadline = Clock::now() + std::chrono::seconds(shared_.config.drain_s);
    const auto served = wanted();
    const auto nothing_new = [&] { return wanted() == served; };
    const auto open = [this] {
        const auto counts = shared_.queue.counts(config_.name);
        return counts.queued + counts.running + counts.answering > 0;
    };
    while (!stopping_ && open() && nothing_new() && Clock::now() < deadline)
        co_await wake_.wait_until(std::min(deadline, Clock::now() + 100ms));
    if (stopping_ || !nothing_new()) co_return;
    co_await link_.stop();
    linked_ = false;
}

supervisor::PluginSpec Plugin::spec(supervisor::GenerationPtr generation) {
    supervisor::PluginSpec spec;
    spec.plugin = config_.name;
    const PluginKind kind = *kind_in(generation->version.info);
    spec.generation = std::move(generation);
    spec.concurrency = static_cast<std::uint32_t>(config_.concurrency);
    spec.kind = static_cast<std::uint64_t>(kind);
    spec.settings = config_.settings;
    spec.environment = config_.env;
    spec.memory = static_cast<std::uint64_t>(config_.memory_mb) << 20;
    const bool eager = config_.eager.value_or(kind == PluginKind::model);
    spec.idle = eager ? kForEver : std::chrono::seconds(config_.idle_s);
    if (eager)
        spec.lost = [this, there = std::weak_ptr<const bool>(there_)] {
            if (!there.expired()) spawn(shared_.executor, "restart", start_again());
        };
    return spec;
}

/// Nobody should wait for an eager plugin's next host; but one that dies again and again is started ever less often.
awaitable<void> Plugin::start_again() {
    if (std::exchange(starting_again_, true)) co_return;
    bool started = false;
    while (!started && !stopping_) {
        const auto now = Clock::now();
        restart_wait_ = now - restarted_ > kSteady ? kFirstRestart : std::min(restart_wait_ * 2, kLongestRestart);
        const auto at = now + std::max<Clock::duration>(crashes_.pause(now), restart_wait_);
        while (!stopping_ && Clock::now() < at) co_await wake_.wait_until(at);
        restarted_ = Clock::now();
        if (stopping_ || !serving_ || moving_ || !not_ready_.empty()) break; // it is started when it is ready
        const auto lease = co_await shared_.hosts.acquire(spec(serving_), false);
        started = lease.has_value();
        if (!started && !stopping_) log_.warning("no host could be started: {}", lease.error().text);
    }
    starting_again_ = false;
}

// ---- an event arrives

awaitable<void> Plugin::accept(std::string payload, std::function<void()> ack) {
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
    jobs::NewJob job;
    job.plugin = config_.name;
    job.kind = kind_;
    job.effects = has_effects(kind_, event->flags);
    job.session = event->session;
    job.digest = event->digest;
    job.log_context = event->log_context;
    if (config_.rest) job.answer_key = event->api_key;
    job.event = std::make_shared<const std::string>(std::move(payload));
    const auto recorded = co_await shared_.queue.record(std::move(job));
    if (!recorded) refuse(*event, recorded.error());
    if (ack) ack();
    if (!linked_) wake_.wake_all(); // Hub calls a plugin that is not ready: it gets ready, or turns the run away
}

/// It cannot be kept, so it is answered at once: a session in Hub always ends.
void Plugin::refuse(const hub::PluginEvent &event, const Error &why) {
    log_.error("a run could not be recorded: {}", why.text);
    const std::string key = fmt::format("refused {:020}", ++last_refusal_);
    const Refusal refusal{hub::error_answer(event.session),
                          event.log_context,
                          {event.session, event.digest, event.api_key, since_boot_ms(), true}};
    refusals_[key] = refusal;
    link_.log(key, event.log_context, hub::LogLevel::error,
              fmt::format("The plugin cannot take this run: {}.", why.text));
    link_.send_answer(key, refusal.message, refusal.log_context);
    if (refusals_.size() > kMostRefusals) refusals_.erase(refusals_.begin());
}

// ---- a job runs

void Plugin::runnable() {
    if (!linked_ || moving_) return; // not ready yet: what waits is looked at then
    if (const auto pause = crashes_.pause(Clock::now()); pause > 0ms && not_ready_.empty())
        return runnable_after(pause);
    while (running_ < config_.concurrency) {
        const jobs::JobPtr job = shared_.queue.claim(config_.name);
        if (!job) return;
        ++running_;
        spawn(shared_.executor, "job", run(job));
    }
}

/// Its module crashes too often to be started at once.
void Plugin::runnable_after(std::chrono::steady_clock::duration time) {
    if (std::exchange(paused_, true)) return;
    spawn(shared_.executor, "pause", [](Plugin &self, std::chrono::steady_clock::duration ms) -> awaitable<void> {
        co_await self.wake_.wait_until(Clock::now() + ms);
        self.paused_ = false;
        self.runnable();
    }(*this, time));
}

awaitable<void> Plugin::run(jobs::JobPtr job) {
    std::string internal_error;
    try {
        co_await run_in_host(job);
    } catch (const std::exception &e) {
        internal_error = e.what();
    }
    // From here on the job may run again already: nothing is known of it by its id.
    if (!internal_error.empty()) {
        shared_.running.hosts.erase(job->id);
        shared_.running.waiting.erase(job->id);
        co_await fail(job, "The plugin server met an internal error.", internal_error);
    }
    if (job->state == jobs::State::queued &&
        shared_.running.cancelling.contains(job->id)) { // asked for while it was put back
        shared_.queue.take(job);
        co_await end_cancelled(job);
    }
    if (job->state != jobs::State::running) shared_.running.cancelling.erase(job->id); // or it runs again already
    --running_;
    runnable();
}

awaitable<void> Plugin::run_in_host(jobs::JobPtr job) {
    if (shared_.running.cancelling.contains(job->id)) co_return co_await end_cancelled(job);
    if (!not_ready_.empty())
        co_return co_await fail(job, "The plugin is not available on its server at the moment.", not_ready_);
    if (shared_.queue.too_old(*job))
        co_return co_await fail(
            job, "This run waited so long that it was not started any more. Please run the plugin again.",
            "older than max_age_s");
    shared_.running.waiting.insert(job->id);
    auto event = co_await shared_.queue.event(job);
    const auto generation = serving_; // another may take over while the job runs
    if (!event || !generation) {
        if (shared_.running.waiting.erase(job->id) == 0) co_return; // it was cancelled
        if (!event)
            co_return co_await fail(job, "The plugin server could not read this run from its disk.",
                                    event.error().text);
        co_return co_await shared_.queue.put_back(job, false, 0, false); // the module has just been taken away
    }
    auto lease = co_await shared_.hosts.acquire(spec(generation), job->alone);
    if (shared_.running.waiting.erase(job->id) == 0) co_return; // it was cancelled
    if (!lease) {
        const bool moved_on = generation != serving_;
        if (moved_on || lease.error().code == Code::cancelled)
            co_return co_await shared_.queue.put_back(job, false, 0, false);
        co_return co_await try_again(job, kCrashWaitMs << std::min<std::int64_t>(job->attempts, 6),
                                     "The plugin could not be started.", lease.error().text);
    }
    host_protocol::RunJob request;
    request.job = job->id;
    request.plugin = config_.name;
    request.attempt = static_cast<std::uint32_t>(job->attempts + 1);
    request.age_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, since_boot_ms() - job->created_boot_ms));
    request.event = **event;
    request.has_checkpoint = job->checkpoint.has_value();
    request.checkpoint = job->checkpoint.value_or("");
    request.scratch = (shared_.scratch / job->id).string();
    request.api_url = config_.hub.api_url;
    request.ca_file = config_.hub.ca_file;
    request.proxy_http = config_.hub.proxies.http;
    request.proxy_https = config_.hub.proxies.https;
    request.no_proxy = config_.hub.proxies.no_proxy;
    const auto &limits = shared_.config.limits;
    request.spool_bytes = static_cast<std::uint64_t>(limits.spool_mb) << 20;
    request.unzip_bytes = static_cast<std::uint64_t>(limits.unzip_mb) << 20;
    request.asset_bytes = static_cast<std::uint64_t>(limits.asset_mb) << 20;
    const auto progress = std::make_shared<hub::Progress>(Clock::now());
    auto events = events_of(job, **event, progress);
    if (job->event->size() > kLarge) job->event.reset(); // the host gets it, and the store has it
    event->reset();
    shared_.running.hosts[job->id] = lease->host().weak_from_this();
    auto end = co_await lease->host().run(std::move(request), std::move(events),
                                          Clock::now() + std::chrono::seconds(config_.timeout_s));
    shared_.running.hosts.erase(job->id);
    {
        const auto given_back = std::move(*lease); // the next job may start while this one's answer is recorded
    }
    const bool succeeded = end.how == JobEnd::How::finished && end.result.succeeded;
    if (const auto line = progress->end(succeeded, Clock::now()))
        link_.log(job->id, job->log_context, hub::LogLevel::info, *line);
    if (end.how != JobEnd::How::finished) {
        const auto clean_up = [&] {
            files::remove_all(shared_.scratch / job->id);
            return true;
        };
        co_await on_pool(shared_.pool, clean_up);
    }
    co_await conclude(job, std::move(end), generation);
}

supervisor::JobEvents Plugin::events_of(const jobs::JobPtr &job, const std::string &event,
                                        const std::shared_ptr<hub::Progress> &progress) {
    supervisor::JobEvents events;
    events.log = [this, job](std::uint32_t level, std::string text) {
        link_.log(job->id, job->log_context, level_of(level), text);
    };
    events.progress = [this, job, progress](std::uint64_t done, std::uint64_t total) {
        if (const auto line = progress->report(done, total, Clock::now()))
            link_.log(job->id, job->log_context, hub::LogLevel::info, *line);
    };
    events.checkpoint = [this, job](std::string bytes, std::function<void(std::string)> saved) {
        spawn(shared_.executor, "checkpoint",
              [](jobs::Queue &queue, jobs::JobPtr j, std::string b,
                 std::function<void(std::string)> done) -> awaitable<void> {
                  const auto kept = co_await queue.checkpoint(j, std::move(b));
                  done(kept ? "" : kept.error().text);
              }(shared_.queue, job, std::move(bytes), std::move(saved)));
    };
    if (const auto members = json::members(event))
        for (const auto &member : *members)
            if (member.name == "apiKey") events.secrets = spellings(member.value);
    return events;
}

awaitable<void> Plugin::conclude(jobs::JobPtr job, JobEnd end, supervisor::GenerationPtr generation) {
    const bool died = end.how == JobEnd::How::died_alone || end.how == JobEnd::How::died_together;
    const bool has_result = end.how == JobEnd::How::finished && end.result.succeeded;
    if (shared_.running.cancelling.contains(job->id) && !has_result) { // whatever else happened to it
        if (died) crashed(end, *generation);
        co_return co_await end_cancelled(job);
    }
    switch (end.how) {
        case JobEnd::How::finished: break;
        case JobEnd::How::stopped: co_return co_await shared_.queue.put_back(job, false, 0, false);
        case JobEnd::How::died_together:
            crashed(end, *generation);
            co_return co_await shared_.queue.put_back(job, false, 0, true);
        case JobEnd::How::died_alone: {
            // A version that has only just come is to blame, not the job, as long as there is one to go back to.
            const bool forgiven = shared_.modules.on_trial(*generation) && ++job->forgiven <= kMostForgiven;
            crashed(end, *generation);
            if (!forgiven) {
                std::string told = "The plugin crashed while it was working on this run.";
                if (end.over_memory)
                    told = fmt::format("The plugin used more memory than the {} MB that it may use and was stopped.",
                                       config_.memory_mb);
                // The end of the host is in the log already.
                co_return co_await try_again(job, kCrashWaitMs << std::min<std::int64_t>(job->attempts, 6),
                                             std::move(told), end.text, LogLevel::info);
            }
            log_.with("job", job->id).info("the run runs again, for its module is new");
            co_return co_await shared_.queue.put_back(job, false, 0, false);
        }
        case JobEnd::How::cancelled: co_return co_await end_cancelled(job);
        case JobEnd::How::timed_out:
            co_return co_await fail(
                job,
                fmt::format("The plugin did not finish within its limit of {} second{} and was stopped.",
                            config_.timeout_s, config_.timeout_s == 1 ? "" : "s"),
                end.text);
    }
    auto &result = end.result;
    if (!result.succeeded) {
        for (std::string *text : {&result.user_text, &result.operator_text}) // secrets are hidden already
            text->resize(beginning_of(*text, kMaxText).size());
        if (result.retry_after_ms >= 0)
            co_return co_await try_again(job, result.retry_after_ms, result.user_text, result.operator_text);
        co_return co_await fail(job, result.user_text, result.operator_text);
    }
    std::string message = result.silent ? "" : hub::answer(kind_, result.value, job->session);
    if (!link_.fits(message)) co_return co_await fail_too_long(job, message.size());
    jobs::Answer answer{std::move(message), jobs::State::done, ""};
    co_await finish(job, std::move(answer));
}

/// From here on it cannot be cancelled any more.
awaitable<void> Plugin::finish(jobs::JobPtr job, jobs::Answer answer) {
    shared_.running.ending.insert(job->id);
    co_await shared_.queue.finish(job, std::move(answer));
    shared_.running.ending.erase(job->id);
}

/// A host died with jobs. Too often, and the next one waits a while; unless it is a new version that is to blame.
void Plugin::crashed(const JobEnd &end, const supervisor::Generation &generation) {
    if (!end.first_of_host) return;
    const bool on_trial = shared_.modules.on_trial(generation);
    shared_.modules.crashed(generation, end.text);
    if (on_trial || !crashes_.add(Clock::now())) return;
    log_.error("hosts of this plugin crashed {} times within {} s; the next one starts in {} s",
               shared_.config.crash.count, shared_.config.crash.within_s,
               std::chrono::ceil<std::chrono::seconds>(crashes_.pause(Clock::now())).count());
}

awaitable<void> Plugin::try_again(jobs::JobPtr job, std::int64_t wait_ms, std::string user_text,
                                  std::string operator_text, LogLevel level) {
    // A wait that outlasts the job's age, however long the module wants it, only delays the same end.
    wait_ms = std::clamp<std::int64_t>(wait_ms, 0, kLongestWaitMs);
    if (!attempts_left(*job) || shared_.queue.too_old(*job, wait_ms))
        co_return co_await fail(job, std::move(user_text), std::move(operator_text),
                                level == LogLevel::info ? level : LogLevel::error);
    log_.with("job", job->id)
        .write(level, fmt::format("attempt {} of {} failed: {} {}", job->attempts + 1, config_.max_attempts, user_text,
                                  operator_text));
    link_.log(job->id, job->log_context, hub::LogLevel::warning, fmt::format("{} Trying again.", user_text));
    co_await shared_.queue.put_back(job, true, wait_ms, false);
}

awaitable<void> Plugin::fail(jobs::JobPtr job, std::string user_text, std::string operator_text, LogLevel level) {
    link_.log(job->id, job->log_context, hub::LogLevel::error, user_text);
    std::string problem = user_text;
    if (!operator_text.empty()) problem += " (" + operator_text + ")";
    problem.resize(beginning_of(problem, kMaxText).size());
    log_.with("job", job->id).write(level, "the run failed: " + problem);
    jobs::Answer answer{hub::error_answer(job->session), jobs::State::failed, std::move(problem)};
    co_await finish(job, std::move(answer));
}

// ---- an operator's wishes

Result<void> Plugin::cancel(const jobs::JobPtr &job) {
    switch (job->state) {
        case jobs::State::queued:
            shared_.queue.take(job);
            shared_.running.ending.insert(job->id);
            spawn(shared_.executor, "cancelled job", end_cancelled(job));
            return {};
        case jobs::State::running: {
            if (shared_.running.ending.contains(job->id))
                return error(Code::invalid, "the run has just ended; its answer is being recorded");
            if (shared_.running.waiting.erase(job->id) > 0) {
                shared_.running.ending.insert(job->id);
                spawn(shared_.executor, "cancelled job", end_cancelled(job));
                return {};
            }
            shared_.running.cancelling.insert(job->id);
            const auto host = shared_.running.hosts.find(job->id);
            if (const auto there = host == shared_.running.hosts.end() ? nullptr : host->second.lock())
                there->cancel(job->id);
            return {};
        }
        default: return error(Code::invalid, fmt::format("the run has ended already; it is {}", name_of(job->state)));
    }
}

awaitable<void> Plugin::end_cancelled(jobs::JobPtr job) {
    shared_.running.cancelling.erase(job->id);
    link_.log(job->id, job->log_context, hub::LogLevel::error, "The run was cancelled on the plugin's server.");
    log_.with("job", job->id).info("the run was cancelled");
    jobs::Answer answer{hub::error_answer(job->session), jobs::State::cancelled, "cancelled by the operator"};
    co_await finish(job, std::move(answer));
}

// ---- an answer leaves

void Plugin::answered(const jobs::JobPtr &job) {
    const auto sent = link_.send_answer(job->id, job->answer.message, job->log_context);
    if (sent != hub::Link::Sent::too_long) return; // written, or sent when the link is live again
    spawn(shared_.executor, "answer too long", fail_too_long(job, job->answer.message.size()));
}

awaitable<void> Plugin::fail_too_long(jobs::JobPtr job, std::size_t bytes) {
    co_await fail(job,
                  fmt::format("The plugin's answer is {} bytes long, more than Hub takes ({} bytes).",
                              hub::grouped(bytes), hub::grouped(link_.max_payload())),
                  "answer too long");
}

void Plugin::send_all_answers() {
    for (const auto &[key, refusal] : refusals_) link_.send_answer(key, refusal.message, refusal.log_context);
    for (const jobs::JobPtr &job : shared_.queue.answers(config_.name)) answered(job);
}

void Plugin::delivered(const std::vector<std::string> &keys) {
    std::vector<jobs::JobPtr> confirmed;
    for (const std::string &key : keys) {
        if (refusals_.erase(key) > 0) continue;
        if (jobs::JobPtr job = shared_.queue.find(key); job && job->state == jobs::State::answering)
            confirmed.push_back(std::move(job));
    }
    if (!confirmed.empty()) spawn(shared_.executor, "confirmation", shared_.queue.confirm(std::move(confirmed)));
}

void Plugin::undeliverable(const std::string &key, const std::string &why) {
    refusals_.erase(key);
    const jobs::JobPtr job = shared_.queue.find(key);
    if (!job || job->state != jobs::State::answering) return;
    log_.with("job", key).error("the answer is given up: {}", why);
    spawn(shared_.executor, "giving up an answer",
          shared_.queue.give_up(job, "The answer could not be delivered: " + why));
}

/// Export is answered by a call of ours, and so is what failed.
std::optional<hub::Run> Plugin::run_of(const std::string &key) const {
    if (const auto refused = refusals_.find(key); refused != refusals_.end()) return refused->second.run;
    const jobs::JobPtr job = shared_.queue.find(key);
    if (!job) return std::nullopt;
    const bool failed = job->state == jobs::State::answering && job->answer.outcome != jobs::State::done;
    return hub::Run{job->session, job->digest, job->answer_key, job->created_boot_ms,
                    job->kind == PluginKind::export_ || failed};
}

admin::PluginView Plugin::view() const {
    admin::PluginView view;
    view.name = config_.name;
    view.id = config_.id;
    view.module = config_.module;
    view.module_version = serving_ ? serving_->version.info.version : "";
    view.generation = serving_ ? serving_->number : 0;
    view.kind = serving_ ? name_of(kind_) : config_.kind ? name_of(*config_.kind) : "";
    view.connector = config_.rest ? "rest" : "ws";
    view.reason = not_ready_.empty() ? link_.reason() : not_ready_;
    if (view.reason.empty() && !refusal_.empty())
        view.reason = "a newer version of the module was refused: " + refusal_;
    if (const auto pause = crashes_.pause(Clock::now()); view.reason.empty() && pause > 0ms)
        view.reason = fmt::format("its module crashed too often; runs start again in {} s",
                                  std::chrono::ceil<std::chrono::seconds>(pause).count());
    switch (link_.state()) {
        case socketio::LinkState::live: view.state = "live"; break;
        case socketio::LinkState::backoff: view.state = "backoff"; break;
        case socketio::LinkState::refused: view.state = "refused"; break;
        default: view.state = "connecting"; break;
    }
    if (!not_ready_.empty()) view.state = disabled_.empty() ? "no-module" : "disabled";
    const auto counts = shared_.queue.counts(config_.name);
    view.queued = counts.queued;
    view.running = counts.running;
    view.answering = counts.answering;
    view.connects = link_.connects();
    view.last_heartbeat_ms = link_.last_heartbeat_ms();
    for (const auto &slot : shared_.hosts.hosts_of(config_.name))
        if (slot->host) view.hosts.push_back({slot->host->pid(), slot->used, slot->host->resident()});
    return view;
}

} // namespace angod::app
