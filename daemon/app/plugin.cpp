#include "app/plugin.hpp"

#include "app/make_link.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using supervisor::JobEnd;

constexpr std::size_t kLarge = 64 * 1024; ///< longer events are taken apart off the event loop
constexpr std::size_t kMostRefusals = 1000;
/// Wait before a repetition after a crash or a failed start; doubles with each attempt.
constexpr std::int64_t kCrashWaitMs = 1000;
/// Crashes of a new version that one job is not charged for.
constexpr std::int64_t kMostForgiven = 10;
constexpr std::int64_t kLongestWaitMs = 86'400'000;
/// For a place in a host, however old a job may become.
constexpr std::int64_t kLongestPatienceMs = 365 * 86'400'000LL;
/// A module may put its whole event into the text of a failure: too long for Hub's log, and not to be kept.
constexpr std::size_t kMaxText = 4096;

/// What whoever started a run should know when it ends before its module could end it.
std::string begun(const jobs::Job &job) {
    if (!job.effects || !job.checkpoint) return "";
    return " It had already begun: see what it has done before you run it again.";
}

hub::LogLevel level_of(std::uint32_t level) { return static_cast<hub::LogLevel>(std::min<std::uint32_t>(level, 3)); }

} // namespace

Plugin::Plugin(Shared shared, config::Plugin config, std::shared_ptr<asio::ssl::context> tls)
    : shared_(std::move(shared)),
      config_(std::move(config)),
      log_(Log().with("plugin", config_.name)),
      link_(make_link(std::move(tls))),
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
    return app::make_link(shared_, config_, std::move(tls), std::move(on), log_);
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
    link_->log(key, event.log_context, hub::LogLevel::error,
               fmt::format("The plugin cannot take this run: {}.", why.text));
    link_->send_answer(key, refusal.message, refusal.log_context);
    if (refusals_.size() > kMostRefusals) refusals_.erase(refusals_.begin());
}

// ---- a job runs

void Plugin::runnable() {
    if (!linked_ || moving_ || stopping_) return; // not ready yet: what waits is looked at then
    if (const auto pause = crashes_.pause(Clock::now()); pause > 0ms && not_ready_.empty())
        return runnable_after(pause);
    // A run that ends at once comes back here: it is the loop that goes on, not the stack that grows.
    if (std::exchange(claiming_, true)) return;
    while (running_ < config_.concurrency) {
        const jobs::JobPtr job = shared_.queue.claim(config_.name);
        if (!job) break;
        ++running_;
        spawn(shared_.executor, "job", run(job));
    }
    claiming_ = false;
}

void Plugin::tell(const jobs::Job &job, hub::LogLevel level, const std::string &text) {
    link_->log(job.id, job.log_context, level, text);
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
    if (job->state == jobs::State::queued && shared_.queue.find(job->id) == job &&
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
        co_return co_await fail(job, "The plugin is not available on its server at the moment." + begun(*job),
                                not_ready_);
    if (shared_.queue.time_left_ms(*job) < 0) co_return co_await fail_too_old(job, "older than max_age_s");
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
    const std::chrono::milliseconds patience(std::min(shared_.queue.time_left_ms(*job), kLongestPatienceMs));
    auto lease = co_await shared_.hosts.acquire(spec(generation), job->alone, Clock::now() + patience);
    if (shared_.running.waiting.erase(job->id) == 0) co_return; // it was cancelled
    if (!lease && lease.error().code == Code::limit) co_return co_await fail_too_old(job, lease.error().text);
    if (!lease) {
        const bool moved_on = generation != serving_;
        if (moved_on || lease.error().code == Code::cancelled)
            co_return co_await shared_.queue.put_back(job, false, 0, false);
        if (lease.error().code == Code::remote) {
            const bool forgiven = is_forgiven(*job, *generation);
            crashed(lease.error().text, *generation);
            if (forgiven) co_return co_await shared_.queue.put_back(job, false, 0, false);
        }
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
    const auto started = Clock::now();
    auto end = co_await lease->host().run(std::move(request), std::move(events),
                                          Clock::now() + std::chrono::seconds(config_.timeout_s));
    shared_.counters.run_ended(config_.name, Clock::now() - started);
    shared_.running.hosts.erase(job->id);
    {
        const auto given_back = std::move(*lease); // the next job may start while this one's answer is recorded
    }
    const bool succeeded = end.how == JobEnd::How::finished && end.result.succeeded;
    if (const auto line = progress->end(succeeded, Clock::now())) shared_.tell(*job, hub::LogLevel::info, *line);
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
    events.log = [this, job](std::uint32_t level, const std::string &text) {
        shared_.tell(*job, level_of(level), text);
    };
    events.progress = [this, job, progress](std::uint64_t done, std::uint64_t total) {
        if (const auto line = progress->report(done, total, Clock::now()))
            shared_.tell(*job, hub::LogLevel::info, *line);
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
        if (died && end.first_of_host) crashed(end.text, *generation);
        co_return co_await end_cancelled(job);
    }
    switch (end.how) {
        case JobEnd::How::finished: break;
        case JobEnd::How::stopped: co_return co_await shared_.queue.put_back(job, false, 0, false);
        case JobEnd::How::died_together:
            if (end.first_of_host) crashed(end.text, *generation);
            co_return co_await shared_.queue.put_back(job, false, 0, true);
        case JobEnd::How::died_alone: {
            const bool forgiven = is_forgiven(*job, *generation);
            crashed(end.text, *generation);
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
    if (!link_->fits(message)) co_return co_await fail_too_long(job, message.size());
    jobs::Answer answer{std::move(message), jobs::State::done, ""};
    co_await finish(job, std::move(answer));
}

/// A version that has only just come is to blame, not the job, as long as there is one to go back to.
bool Plugin::is_forgiven(jobs::Job &job, const supervisor::Generation &generation) {
    return shared_.modules.on_trial(generation) && ++job.forgiven <= kMostForgiven;
}

/// From here on it cannot be cancelled any more.
awaitable<void> Plugin::finish(jobs::JobPtr job, jobs::Answer answer) {
    shared_.running.ending.insert(job->id);
    co_await shared_.queue.finish(job, std::move(answer));
    shared_.running.ending.erase(job->id);
}

/// A host died. Too often, and the next one waits a while; unless it is a new version that is to blame.
void Plugin::crashed(const std::string &how, const supervisor::Generation &generation) {
    const bool on_trial = shared_.modules.on_trial(generation);
    shared_.counters.host_crashed(generation.version.info.id);
    shared_.modules.crashed(generation, how);
    if (on_trial || !crashes_.add(Clock::now())) return;
    log_.error("hosts of this plugin crashed {} times within {} s; the next one starts in {} s",
               shared_.config.crash.count, shared_.config.crash.within_s,
               std::chrono::ceil<std::chrono::seconds>(crashes_.pause(Clock::now())).count());
}

awaitable<void> Plugin::try_again(jobs::JobPtr job, std::int64_t wait_ms, std::string user_text,
                                  std::string operator_text, LogLevel level) {
    // A wait that outlasts the job's age, however long the module wants it, only delays the same end.
    wait_ms = std::clamp<std::int64_t>(wait_ms, 0, kLongestWaitMs);
    if (!attempts_left(*job) || shared_.queue.time_left_ms(*job) < wait_ms)
        co_return co_await fail(job, std::move(user_text), std::move(operator_text),
                                level == LogLevel::info ? level : LogLevel::error);
    log_.with("job", job->id)
        .write(level, fmt::format("attempt {} of {} failed: {} {}", job->attempts + 1, config_.max_attempts, user_text,
                                  operator_text));
    shared_.tell(*job, hub::LogLevel::warning, fmt::format("{} Trying again.", user_text));
    co_await shared_.queue.put_back(job, true, wait_ms, false);
}

awaitable<void> Plugin::fail(jobs::JobPtr job, std::string user_text, std::string operator_text, LogLevel level) {
    shared_.tell(*job, hub::LogLevel::error, user_text);
    std::string problem = user_text;
    if (!operator_text.empty()) problem += " (" + operator_text + ")";
    problem.resize(beginning_of(problem, kMaxText).size());
    log_.with("job", job->id).write(level, "the run failed: " + problem);
    jobs::Answer answer{hub::error_answer(job->session), jobs::State::failed, std::move(problem)};
    co_await finish(job, std::move(answer));
}

awaitable<void> Plugin::fail_too_old(jobs::JobPtr job, std::string operator_text) {
    co_await fail(
        job, "This run waited so long that it was not started any more. Please run the plugin again." + begun(*job),
        std::move(operator_text));
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
    shared_.tell(*job, hub::LogLevel::error, "The run was cancelled on the plugin's server." + begun(*job));
    log_.with("job", job->id).info("the run was cancelled");
    jobs::Answer answer{hub::error_answer(job->session), jobs::State::cancelled, "cancelled by the operator"};
    co_await finish(job, std::move(answer));
}

} // namespace angod::app
