// When a plugin can do its work.
//
// Problem: a module is replaced, rolled back, removed and tried out while runs come and end, and an operator disables,
// restarts and stops the plugin at any moment of that.
// Approach: one coroutine, follow_until_stopped, does everything that takes time, one step after the other. All others
// (operators, the modules, a stop) only change what is wanted and wake it. After each wait the coroutine compares what
// is wanted with what it was working for, and begins again if that has changed.
// Invariants: state_ changes in enter() only, by the table of readiness_state.hpp. generation_ is set exactly in the
// states serving and changing, and when the plugin was stopped in one of them.
// Thread: the event loop.
#include "app/readiness.hpp"

#include "app/plugin_kind.hpp"
#include "base/ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using supervisor::AcquireFailure;
using supervisor::GenerationPtr;

/// A plugin that could not be set up is tried again so often: what was missing may have come.
constexpr auto kReadyRetry = 30s;
constexpr auto kLookAgain = 100ms;
/// The age that a run may reach in the queue, with effects and without, in seconds.
constexpr std::int64_t kMaxAgeS = 86'400, kMaxWaitedForS = 300;

} // namespace

void Readiness::enter(ReadyEvent event) {
    const auto next = next_state(state_, event);
    if (!next) throw std::logic_error(fmt::format("a plugin that is {} got an event it cannot take", name_of(state_)));
    state_ = *next;
    hindrance_ = next_hindrance(hindrance_, event, told_);
}

bool Readiness::is_eager() const { return generation_ && app::is_eager(use_.config, kind_); }

/// Not on a version that was quarantined since it began to serve: another one takes over.
bool Readiness::starts_runs() const {
    if (state_ == ReadyState::serving) return generation_ && !use_.hosts.is_quarantined(*generation_);
    return state_ != ReadyState::changing;
}

// ---- what others want of it

GenerationPtr Readiness::wanted() const { return disabled_.empty() ? use_.modules.find() : nullptr; }

void Readiness::modules_changed() {
    // A host that hangs while it is set up must not keep the next generation waiting.
    if (trying_ && wanted() != trying_) {
        if (trying_ != generation_) use_.hosts.stop_starting(*trying_);
        use_.checks.wake();
    }
    wake_.wake_all();
}

void Readiness::disable(std::string why) {
    disabled_ = std::move(why);
    modules_changed();
}

void Readiness::enable() {
    disabled_.clear();
    modules_changed();
}

void Readiness::restart() {
    use_.hosts.drain_others(0);
    restart_requested_ = true;
    wake_.wake_all();
}

awaitable<void> Readiness::stop() {
    if (!stopped()) link_to_close_ = has_open_link(state_);
    enter(ReadyEvent::stop);
    wake_.wake_all();
    use_.checks.wake();
    if (link_to_close_) co_await use_.link.stop();
}

// ---- the coroutine that follows the module

awaitable<void> Readiness::follow_module() {
    following_ = true;
    try {
        co_await follow_until_stopped();
    } catch (const std::exception &e) {
        use_.log.error("internal error: the plugin follows its module no more: {}", e.what());
    }
    following_ = false;
}

awaitable<void> Readiness::follow_until_stopped() {
    while (!stopped()) {
        const auto next = wanted();
        if (!next) {
            co_await without_generation();
        } else if (next != generation_ && next->number != refused_) {
            const bool decided = co_await move_to(next);
            if (!decided) {
                co_await undecided(next);
                continue;
            }
        }
        if (stopped()) co_return;
        if (std::exchange(restart_requested_, false)) {
            co_await connect_anew();
            continue;
        }
        if (wanted() != next) continue; // it has changed meanwhile
        if (!why_not_ready_.empty())
            co_await wake_.wait_until(Clock::now() + kReadyRetry);
        else
            co_await wake_.wait();
    }
}

/// No decision was reached on the generation.
awaitable<void> Readiness::undecided(GenerationPtr tried) {
    if (generation_ && wanted() == generation_) go_on();
    // Hosts that are being stopped refuse at once: without a wait the event loop would never turn again.
    if (!stopped() && wanted() == tried) co_await wake_.wait_until(Clock::now() + kLookAgain);
}

awaitable<void> Readiness::without_generation() {
    if (std::exchange(generation_, nullptr)) use_.hosts.drain_others(0);
    refused_ = 0; // it may be the only one that is left
    refusal_.clear();
    // A module file that is still being looked at may yet do what waits.
    const bool given_up = use_.modules.is_decided() || !disabled_.empty();
    const Hindrance told = disabled_.empty() ? Hindrance::no_module : Hindrance::disabled;
    std::string why = disabled_;
    if (why.empty()) why = use_.modules.why_not();
    co_await not_ready(std::move(why), told, given_up);
}

awaitable<void> Readiness::connect_anew() {
    if (has_open_link(state_)) {
        co_await use_.link.stop();
        if (stopped()) co_return;
        use_.link.start();
    }
    use_.keep_warm();
}

/// False: no decision was reached, because something else is wanted by now.
awaitable<bool> Readiness::move_to(GenerationPtr next) {
    trying_ = next;
    const auto ready = co_await prepare(next);
    trying_ = nullptr;
    if (stopped() || wanted() != next) co_return false;
    if (!ready && ready.error().code == Code::cancelled) co_return false;
    if (!ready) co_return co_await refuse(std::move(next), ready.error());
    refusal_.clear();
    serve(std::move(next));
    co_return true;
}

/// The generation cannot do the work: another one goes on, if there is one. False: as of move_to.
awaitable<bool> Readiness::refuse(GenerationPtr next, Error why) {
    if (generation_ && use_.hosts.is_quarantined(*generation_)) {
        generation_ = nullptr;
        use_.hosts.drain_others(0);
    }
    auto goes_on = generation_;
    if (!goes_on) goes_on = co_await served_before();
    if (stopped() || wanted() != next) co_return false;
    if (!goes_on) {
        const Hindrance told = why.code == Code::invalid ? Hindrance::settings_refused : Hindrance::no_module;
        co_await not_ready(std::move(why.text), told, true);
        co_return true;
    }
    refused_ = next->number;
    refusal_ = std::move(why.text);
    use_.log.error("generation {} of module {} cannot do the work of this plugin, generation {} goes on: {}",
                   next->number, use_.config.module, goes_on->number, refusal_);
    if (goes_on != generation_)
        serve(std::move(goes_on));
    else
        go_on();
    co_return true;
}

/// The generation that serves goes on, after another one was tried.
void Readiness::go_on() {
    use_.hosts.drain_others(generation_->number);
    use_.keep_warm();
    use_.runnable();
}

/// After a start of angod: the generation that did this plugin's work while the newer one could not.
awaitable<GenerationPtr> Readiness::served_before() {
    const auto target = use_.modules.rollback_target();
    if (!target || !kind_of_plugin(use_.config, *target)) co_return nullptr;
    const std::string fact = settings_fact(*target);
    const bool known = co_await use_.checks.is_known(fact);
    if (!known || stopped()) co_return nullptr;
    auto attempt = try_out(target);
    const auto tried = co_await use_.checks.check_anew(fact, std::move(attempt));
    if (!tried) co_return nullptr;
    co_return target;
}

void Readiness::serve(GenerationPtr next) {
    generation_ = std::move(next);
    kind_ = *kind_of_plugin(use_.config, *generation_);
    jobs::PluginLimits limits;
    limits.max_queued = use_.config.max_queued;
    limits.max_age_ms = use_.config.max_age_s.value_or(kMaxAgeS) * 1000;
    limits.max_waited_for_ms = use_.config.max_age_s.value_or(kMaxWaitedForS) * 1000;
    use_.queue.add_plugin(use_.config.name, limits);
    use_.modules.proved(*generation_);
    use_.hosts.drain_others(generation_->number);
    why_not_ready_.clear();
    const bool was_open = has_open_link(state_);
    enter(ReadyEvent::serve);
    if (!was_open) use_.link.start();
    use_.runnable();
}

bool Readiness::has_open_jobs() const {
    const auto counts = use_.queue.counts(use_.config.name);
    return counts.queued + counts.running + counts.answering > 0;
}

/// given_up: nothing will change by itself.
awaitable<void> Readiness::not_ready(std::string why, Hindrance told, bool given_up) {
    told_ = told;
    const bool is_problem = given_up && disabled_.empty();
    if (why != why_not_ready_) use_.log.write(is_problem ? LogLevel::error : LogLevel::info, "not connected: " + why);
    why_not_ready_ = std::move(why);
    const auto counts = use_.queue.counts(use_.config.name);
    if (!given_up)
        enter(ReadyEvent::lose);
    else if (has_open_link(state_) || counts.queued + counts.answering > 0)
        co_await turn_away();
    else
        enter(ReadyEvent::close);
}

/// Sessions that wait in Hub must end although nothing can be run: they are answered, then the link is closed.
awaitable<void> Readiness::turn_away() {
    const bool was_open = has_open_link(state_);
    enter(ReadyEvent::give_up);
    if (!was_open) use_.link.start();
    use_.runnable();
    const auto deadline = Clock::now() + use_.drain();
    const auto served = wanted();
    while (!stopped() && has_open_jobs() && wanted() == served && Clock::now() < deadline)
        co_await wake_.wait_until(std::min<Clock::time_point>(deadline, Clock::now() + kLookAgain));
    if (stopped() || wanted() != served) co_return;
    co_await use_.link.stop();
    if (!stopped()) enter(ReadyEvent::close);
}

// ---- whether a generation can do the work

/// Makes sure that the module takes this plugin's settings and environment. The error is invalid if it refuses them,
/// not_found if it does not serve the kind, remote if no host came up, and cancelled if something else is wanted by now.
awaitable<Result<void>> Readiness::prepare(GenerationPtr next) {
    const auto kind = kind_of_plugin(use_.config, *next);
    if (!kind) co_return error(Code::not_found, kind.error().text);
    if (use_.config.replace && generation_) co_return co_await replace_by(std::move(next));
    const std::string fact = settings_fact(*next);
    auto attempt = try_out(next);
    if (app::is_eager(use_.config, *kind))
        co_return co_await use_.checks.check_anew(fact, std::move(attempt)); // it needs a host anyway
    std::function<bool()> still_wanted = [this, next] { return !stopped() && wanted() == next; };
    co_return co_await use_.checks.check(fact, std::move(still_wanted), std::move(attempt));
}

/// "reload": "replace": no two generations run side by side.
awaitable<Result<void>> Readiness::replace_by(GenerationPtr next) {
    enter(ReadyEvent::change);
    use_.hosts.drain_others(next->number);
    co_await use_.hosts.drained(next->number);
    auto attempt = try_out(next);
    auto tried = co_await use_.checks.check_anew(settings_fact(*next), std::move(attempt));
    // Runs are asked for by serve and go_on: here the old generation would get them.
    enter(ReadyEvent::change_over);
    co_return tried;
}

SettingsChecks::Try Readiness::try_out(GenerationPtr next) {
    return [this, next] { return start_a_host(next); };
}

/// With the plugin in it. It stays for the first run.
awaitable<Result<void>> Readiness::start_a_host(GenerationPtr next) {
    std::function<bool()> still_wanted = [this, before = wanted()] { return !stopped() && wanted() == before; };
    const auto lease = co_await use_.hosts.acquire(std::move(next), supervisor::Sharing::shared,
                                                   Clock::time_point::max(), std::move(still_wanted));
    if (lease) co_return Result<void>();
    Code code = Code::remote;
    if (lease.error().why == AcquireFailure::not_wanted) code = Code::cancelled;
    if (lease.error().why == AcquireFailure::refused) code = Code::invalid;
    co_return error(code, lease.error().text);
}

/// Under which the store remembers that the module takes these settings and this environment.
std::string Readiness::settings_fact(const supervisor::Generation &generation) const {
    std::string made_with = use_.config.settings;
    for (const auto &[name, value] : use_.config.env) made_with += fmt::format("\n{}={}", name, value);
    return fmt::format("{}:{}", generation.version.sha256, to_hex(sha256(made_with)));
}

} // namespace angod::app
