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

void Plugin::modules_changed() {
    // One that hangs must not keep the next one waiting until it is given up.
    if (trying_ && wanted() != trying_) {
        if (trying_ != serving_) shared_.hosts.stop_starting(config_.name, *trying_);
        for (const auto &[fact, trial] : shared_.trials) trial->signal.wake_all();
    }
    wake_.wake_all();
}

void Plugin::disable(std::string why) {
    disabled_ = std::move(why);
    modules_changed();
}

void Plugin::enable() {
    disabled_.clear();
    modules_changed();
}

void Plugin::restart() {
    drain_others(0);
    restarting_ = true; // what stops and starts the link is one coroutine
    wake_.wake_all();
}

awaitable<void> Plugin::give_way() {
    stopping_ = true; // before the hosts: what waits for one is to wait no more
    drain_others(0);
    co_await stop();
    linked_ = false;
    stop_routing();
}

awaitable<void> Plugin::stop() {
    stopping_ = true;
    wake_.wake_all();
    for (const auto &[fact, trial] : shared_.trials) trial->signal.wake_all();
    if (linked_) co_await link_->stop();
}

void Plugin::drain_others(std::uint64_t generation) {
    shared_.hosts.drain_others(config_.name, generation, std::chrono::seconds(shared_.config.drain_s));
}

bool Plugin::is_eager(PluginKind kind) const { return config_.eager.value_or(kind == PluginKind::model); }

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
    following_ = true;
    try {
        co_await follow_module_until_stopped();
    } catch (const std::exception &e) {
        log_.error("internal error: the plugin follows its module no more: {}", e.what());
    }
    following_ = false;
}

awaitable<void> Plugin::follow_module_until_stopped() {
    while (!stopping_) {
        const auto next = wanted();
        if (!next) {
            if (std::exchange(serving_, nullptr)) drain_others(0);
            // A module that is still being tried out may yet do what waits.
            const bool given_up = shared_.modules.is_decided(config_.module) || !disabled_.empty();
            std::string why = disabled_;
            if (why.empty()) why = shared_.modules.why_not(config_.module);
            co_await not_ready(std::move(why), given_up);
        } else if (next != serving_ && next->number != refused_) {
            const bool decided = co_await move_to(next);
            if (!decided) continue;
        }
        if (stopping_) co_return;
        if (std::exchange(restarting_, false)) {
            co_await connect_anew();
            continue;
        }
        if (wanted() != next) continue; // it moved on meanwhile
        // What was missing may have come without a change of the module.
        if (!not_ready_.empty())
            co_await wake_.wait_until(Clock::now() + kReadyRetry);
        else
            co_await wake_.wait();
    }
}

awaitable<void> Plugin::connect_anew() {
    if (linked_) {
        co_await link_->stop();
        if (stopping_) co_return;
        link_->start();
    }
    warm_up();
}

/// False: it came to no end, because what is wanted changed meanwhile.
awaitable<bool> Plugin::move_to(supervisor::GenerationPtr next) {
    trying_ = next;
    const auto ready = co_await prepare(next);
    trying_ = nullptr;
    if (stopping_ || wanted() != next || (!ready && ready.error().code == Code::cancelled)) co_return false;
    if (ready) {
        refusal_.clear();
        serve(std::move(next));
        co_return true;
    }
    auto goes_on = serving_;
    if (!goes_on) goes_on = co_await served_before();
    if (stopping_ || wanted() != next) co_return false;
    if (!goes_on) {
        co_await not_ready(ready.error().text, true);
        co_return true;
    }
    refused_ = next->number;
    refusal_ = ready.error().text;
    log_.error("generation {} of module {} cannot do the work of this plugin, generation {} goes on: {}", next->number,
               config_.module, goes_on->number, refusal_);
    if (goes_on != serving_)
        serve(std::move(goes_on));
    else
        warm_up();
    co_return true;
}

/// After a start of angod: what this plugin was served by while a newer generation could not do its work.
awaitable<supervisor::GenerationPtr> Plugin::served_before() {
    const auto earlier = shared_.modules.earlier(config_.module);
    if (!earlier || !kind_in(earlier->version.info)) co_return nullptr;
    const std::string fact = ready_fact(*earlier);
    const auto known = co_await shared_.store.is_ready(fact);
    if (!known || !*known || stopping_) co_return nullptr;
    const auto tried = co_await try_out(earlier, fact);
    if (!tried) co_return nullptr;
    co_return earlier;
}

void Plugin::serve(supervisor::GenerationPtr next) {
    serving_ = std::move(next);
    kind_ = *kind_in(serving_->version.info);
    shared_.queue.add_plugin(config_.name, {config_.max_queued, config_.max_age_s.value_or(kMaxAgeS) * 1000,
                                            config_.max_age_s.value_or(kMaxWaitedForS) * 1000});
    shared_.modules.proved(*serving_);
    drain_others(serving_->number);
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

/// Ready means that the module has made an instance with these settings and this environment once; that is remembered.
awaitable<Result<void>> Plugin::prepare(supervisor::GenerationPtr next) {
    if (const auto kind = kind_in(next->version.info); !kind) co_return kind.error();
    const std::string fact = ready_fact(*next);
    if (config_.replace && serving_) {
        moving_ = true;
        drain_others(next->number);
        co_await shared_.hosts.drained(config_.name, next->number,
                                       Clock::now() + std::chrono::seconds(shared_.config.drain_s) + kLeaveLimit);
        auto tried = co_await try_out(next, fact);
        moving_ = false;
        runnable();
        co_return tried;
    }
    if (is_eager(*kind_in(next->version.info))) co_return co_await try_out(next, fact);
    for (;;) {
        const auto known = co_await shared_.store.is_ready(fact);
        if ((known && *known) || stopping_) co_return Result<void>();
        const auto trial = shared_.trials.find(fact);
        if (trial == shared_.trials.end()) break;
        const auto other = trial->second;
        while (!other->ended && !stopping_ && wanted() == next) co_await other->signal.wait();
        if (wanted() != next) co_return error(Code::cancelled, "the module has moved on");
        // Cancelled: for the sake of the other plugin, so this one tries by itself.
        if (!other->result && other->result.error().code != Code::cancelled) co_return other->result.error();
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

std::string Plugin::ready_fact(const supervisor::Generation &generation) const {
    std::string made_with = config_.settings;
    for (const auto &[name, value] : config_.env) made_with += fmt::format("\n{}={}", name, value);
    return fmt::format("{}:{}", generation.version.sha256, to_hex(sha256(made_with)));
}

/// Starts a host with the plugin in it; it stays for the first event.
awaitable<Result<void>> Plugin::try_out(supervisor::GenerationPtr next, std::string fact) {
    auto host = spec(next);
    host.wanted = [still = std::move(host.wanted), this, before = wanted()] { return still() && wanted() == before; };
    {
        const auto lease = co_await shared_.hosts.acquire(std::move(host), false, Clock::time_point::max());
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
    spec.overlap = !config_.replace;
    spec.idle = is_eager(kind) ? kForEver : std::chrono::seconds(config_.idle_s);
    const std::weak_ptr<const bool> there = there_;
    spec.wanted = [this, there] { return !there.expired() && !stopping_; };
    spec.lost = [this, there, generation = spec.generation](bool idle, const std::string &how) {
        if (there.expired() || stopping_) return;
        if (idle) crashed(how, *generation);
        warm_up();
    };
    return spec;
}

/// An eager plugin is to have a host.
void Plugin::warm_up() {
    if (serving_ && is_eager(kind_)) spawn(shared_.executor, "start of a host", start_again());
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
        const auto lease = co_await shared_.hosts.acquire(spec(serving_), false, Clock::time_point::max());
        started = lease.has_value();
        if (started || stopping_) break;
        log_.warning("no host could be started: {}", lease.error().text);
        if (lease.error().code == Code::remote && serving_) crashed(lease.error().text, *serving_);
    }
    starting_again_ = false;
}

} // namespace angod::app
