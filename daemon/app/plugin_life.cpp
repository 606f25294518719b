#include "app/plugin.hpp"

#include "base/ids.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A plugin that could not be set up is tried again so often: what was missing may have come.
constexpr auto kReadyRetry = 30s;
constexpr std::int64_t kMaxAgeS = 86'400, kMaxWaitedForS = 300;
/// Before an eager plugin's host is started again; doubles as long as they do not live for a while.
constexpr std::chrono::seconds kFirstRestart = 1s, kLongestRestart = 60s;
constexpr auto kSteady = 120s;
/// For hosts that are told to leave.
constexpr auto kLeaveLimit = 10s;
constexpr std::chrono::seconds kForEver = 24h * 3650;

} // namespace

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
        co_await self.link_->stop();
        if (!self.stopping_) self.link_->start();
    }(*this));
}

awaitable<void> Plugin::give_way() {
    shared_.hosts.drain_others(config_.name, 0, std::chrono::seconds(shared_.config.drain_s));
    co_await stop();
    linked_ = false;
}

awaitable<void> Plugin::stop() {
    stopping_ = true;
    wake_.wake_all();
    if (linked_) co_await link_->stop();
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
    if (!std::exchange(linked_, true)) link_->start();
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
    if (!std::exchange(linked_, true)) link_->start();
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
    co_await link_->stop();
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

} // namespace angod::app
