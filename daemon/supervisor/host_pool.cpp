// Every acquire is a loop: look for a free place, else start a host if that is allowed, else wait for a change.
//
// Starting takes CPU and can hang, so the number of hosts that start at the same time is limited, and the plugins whose
// last start failed share one of these places. Each host that is up has a coroutine, `follow`, that ends it after its
// idle time and removes its slot when the host dies; a draining host has a second one, `drain`.
// Thread: the event loop. Invariants: `used` counts the leases of a slot; a slot in slots_ is starting, or its host is
// not gone, or `follow` is about to remove it.
#include "supervisor/host_pool.hpp"

#include <algorithm>
#include <utility>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Starting is mostly CPU: more at a time only makes each of them slower.
constexpr std::size_t kMaxStarting = 4;
constexpr auto kLeaveLimit = 5s;
constexpr std::size_t kMostDraining = 2;

AcquireError failure_of(const Error &why) {
    switch (why.code) {
        case Code::remote: return {AcquireFailure::host_died, why.text};
        case Code::invalid: return {AcquireFailure::refused, why.text};
        default: return {AcquireFailure::not_started, why.text};
    }
}

} // namespace

void throw_exception_from_error(const AcquireError &error, const boost::source_location &) {
    throw std::logic_error("unchecked failure: " + error.text);
}

SlotPhase next_phase(SlotPhase phase, SlotEvent event) {
    using enum SlotPhase;
    // Columns: up, drain, drop, retire.
    static constexpr std::array<std::array<SlotPhase, 4>, 6> table{{
        {open, starting_stale, dropped, starting},           // starting
        {draining, starting_stale, dropped, starting_stale}, // starting_stale
        {dropped, dropped, dropped, dropped},                // dropped
        {open, draining, open, leaving},                     // open
        {draining, draining, draining, leaving},             // draining
        {leaving, leaving, leaving, leaving},                // leaving
    }};
    return table[static_cast<std::size_t>(phase)][static_cast<std::size_t>(event)];
}

HostPool::HostPool(const asio::any_io_executor &executor, const Program &host_program, std::size_t max_hosts, Log log)
    : executor_(executor),
      host_program_(host_program),
      max_hosts_(max_hosts),
      log_(std::move(log)),
      changed_(executor) {}

// ---- a place for a job

awaitable<HostPool::Acquired> HostPool::acquire(PluginSpec spec, Sharing sharing, Clock::time_point deadline) {
    while (!stopping_ && spec.wanted()) {
        if (Clock::now() >= deadline)
            co_return AcquireError{AcquireFailure::none_free,
                                   "no host was free in time; max_hosts or the plugin's concurrency are in use"};
        std::erase_if(slots_, [](const auto &slot) { return slot->up() && !slot->host->alive() && slot->used == 0; });
        const bool must_wait = sharing == Sharing::isolated && has_isolated_job(spec.plugin);
        if (auto slot = must_wait ? nullptr : free_slot(spec, sharing)) {
            ++slot->used;
            slot->sharing = sharing;
            co_return Lease(*this, std::move(slot));
        }
        if (must_wait || !may_start(spec, sharing) || !has_room(spec)) {
            co_await changed_.wait_until(deadline);
            continue;
        }
        auto slot = add_slot(spec, sharing);
        const auto started = co_await start_in(slot, spec);
        const bool wanted = !stopping_ && slot->phase != SlotPhase::dropped && spec.wanted();
        if (!started || !wanted) {
            discard(slot);
            if (started) slot->host->kill();
            if (!wanted) break;
            co_return failure_of(started.error());
        }
        slot->on(SlotEvent::up);
        slot->idle_since = Clock::now();
        if (slot->phase == SlotPhase::draining) spawn(executor_, "draining host", drain(slot));
        changed_.wake_all(); // its other places are free
        spawn(executor_, "host of a plugin", follow(slot, spec.idle, spec.lost));
        co_return Lease(*this, std::move(slot));
    }
    co_return AcquireError{AcquireFailure::not_wanted, "angod is stopping, or the host is not wanted any more"};
}

std::shared_ptr<HostPool::Slot> HostPool::free_slot(const PluginSpec &spec, Sharing sharing) {
    for (const auto &slot : slots_) {
        if (slot->plugin != spec.plugin || slot->generation != spec.generation || slot->phase != SlotPhase::open ||
            !slot->host->alive() || slot->sharing == Sharing::isolated)
            continue;
        if (slot->used < (sharing == Sharing::isolated ? 1 : slot->capacity)) return slot;
    }
    return nullptr;
}

/// Whether the plugin may have one more host.
bool HostPool::may_start(const PluginSpec &spec, Sharing sharing) const {
    const bool concurrent = spec.generation->version.info.concurrent;
    std::size_t hosts = 0;
    for (const auto &slot : slots_) {
        if (slot->plugin != spec.plugin || slot->generation != spec.generation) continue;
        if (spec.overlap && (slot->drains() || slot->phase == SlotPhase::starting_stale)) continue;
        // An isolated job may have a host beside the one that other jobs share.
        if (!concurrent || slot->sharing == sharing) ++hosts;
    }
    return hosts < (concurrent ? 1 : spec.concurrency);
}

/// Whether the machine may have one more host now; ends an idle one if that is needed.
bool HostPool::has_room(const PluginSpec &spec) {
    if (starting_ >= kMaxStarting || (failed_.contains(spec.plugin) && failed_one_starts_)) return false;
    return slots_.size() < max_hosts_ || make_room();
}

/// Isolated jobs run one after the other: a crash then shows which of them brings hosts down.
bool HostPool::has_isolated_job(const std::string &plugin) const {
    for (const auto &slot : slots_)
        if (slot->plugin == plugin && slot->sharing == Sharing::isolated && slot->used > 0) return true;
    return false;
}

/// Ends the host that has been idle longest.
bool HostPool::make_room() {
    std::shared_ptr<Slot> longest;
    for (const auto &slot : slots_)
        if (slot->used == 0 && slot->up() && (!longest || slot->idle_since < longest->idle_since)) longest = slot;
    if (!longest) return false;
    slots_.remove(longest);
    spawn(executor_, "ending a host", retire(longest));
    return true;
}

void HostPool::release(Slot &slot) {
    --slot.used;
    slot.sharing = Sharing::shared;
    slot.idle_since = Clock::now();
    changed_.wake_all();
}

// ---- a host starts

std::shared_ptr<HostPool::Slot> HostPool::add_slot(const PluginSpec &spec, Sharing sharing) {
    auto slot = std::make_shared<Slot>();
    slot->plugin = spec.plugin;
    slot->generation = spec.generation;
    slot->capacity = spec.generation->version.info.concurrent ? spec.concurrency : 1;
    slot->sharing = sharing;
    slot->used = 1;
    slots_.push_back(slot);
    return slot;
}

/// Starts the host and keeps the counts of hosts that start.
awaitable<Result<void>> HostPool::start_in(std::shared_ptr<Slot> slot, PluginSpec spec) {
    const std::string plugin = spec.plugin;
    const bool failed_before = failed_.contains(plugin);
    ++starting_;
    if (failed_before) failed_one_starts_ = true;
    auto started = co_await start_host(slot, std::move(spec));
    --starting_;
    if (failed_before) failed_one_starts_ = false;
    if (started)
        failed_.erase(plugin);
    else if (!stopping_ && slot->phase != SlotPhase::dropped)
        failed_.insert(plugin);
    co_return started;
}

awaitable<Result<void>> HostPool::start_host(std::shared_ptr<Slot> slot, PluginSpec spec) {
    HostOptions options;
    options.label = spec.plugin;
    options.generation = spec.generation->number;
    options.module_path = spec.generation->version.staged.string();
    options.environment = spec.environment;
    options.memory = spec.memory;
    const auto launch = std::make_shared<Launch>();
    spawn(executor_, "start of a host",
          launch_host(launch, std::move(options),
                      log_.with("plugin", spec.plugin).with("generation", std::to_string(spec.generation->number))));
    while (!launch->host && !stopping_ && slot->phase != SlotPhase::dropped) co_await changed_.wait();
    if (!launch->host) {
        launch->given_up = true;
        co_return error(Code::cancelled, "the start of the host was given up");
    }
    if (!*launch->host) co_return launch->host->error();
    const auto host = slot->host = **launch->host;
    if (stopping_ || slot->phase == SlotPhase::dropped) host->kill(); // stop, or stop_starting, did not know it
    auto ready = co_await host->load();
    if (!ready) co_return ready;
    host_protocol::OpenPlugin request{spec.plugin, spec.kind, spec.settings};
    ready = co_await host->open_plugin(std::move(request));
    if (!ready) co_await host->leave(kLeaveLimit);
    co_return ready;
}

/// Apart from start_host, which does not wait for a system that starts nothing.
awaitable<void> HostPool::launch_host(std::shared_ptr<Launch> launch, HostOptions options, Log log) {
    launch->host = co_await HostProcess::launch(host_program_, std::move(options), std::move(log));
    if (launch->given_up && *launch->host) (**launch->host)->kill();
    changed_.wake_all();
}

void HostPool::stop_starting(const std::string &plugin, const Generation &generation) {
    for (const auto &slot : slots_) {
        if (slot->plugin != plugin || slot->generation.get() != &generation || slot->up()) continue;
        slot->on(SlotEvent::drop);
        if (slot->host) slot->host->kill();
    }
    changed_.wake_all();
}

// ---- a host ends

void HostPool::discard(const std::shared_ptr<Slot> &slot) {
    slots_.remove(slot);
    changed_.wake_all();
}

/// From when the host is up: ends it when it was idle for long, and reports it when it dies.
awaitable<void> HostPool::follow(std::shared_ptr<Slot> slot, std::chrono::seconds idle,
                                 std::function<void(bool, std::string)> lost) {
    while (!stopping_ && slot->host->alive()) {
        const auto end = slot->used > 0 ? Clock::now() + idle : slot->idle_since + idle;
        if (slot->used == 0 && Clock::now() >= end) break;
        co_await slot->host->ended(end);
    }
    if (stopping_) co_return;
    discard(slot); // a dead host must not be shown, nor keep its descriptors, until the next job comes
    if (slot->host->alive()) co_return co_await retire(slot);
    co_await slot->host->ended(Clock::time_point::max()); // how it ended is known a moment later
    if (slot->phase == SlotPhase::open) lost(slot->host->died_idle(), slot->host->end_text());
}

awaitable<void> HostPool::retire(std::shared_ptr<Slot> slot) {
    slot->on(SlotEvent::retire);
    co_await slot->host->leave(kLeaveLimit);
    changed_.wake_all();
}

void HostPool::drain_others(const std::string &plugin, std::uint64_t generation, std::chrono::seconds limit) {
    std::set<std::uint64_t> others; // that have jobs: idle hosts end at once anyway
    for (const auto &slot : slots_)
        if (slot->plugin == plugin && slot->generation->number != generation && slot->used > 0)
            others.insert(slot->generation->number);
    while (others.size() > kMostDraining) others.erase(others.begin());
    const auto slots = slots_;
    for (const auto &slot : slots) {
        if (slot->plugin != plugin || slot->generation->number == generation) continue;
        if (slot->used > 0 && !others.contains(slot->generation->number) && slot->up()) {
            log_.with("plugin", plugin)
                .warning("generation {} still drains while two newer ones do; its host is ended and its runs restart",
                         slot->generation->number);
            slot->host->kill();
        }
        if (!slot->on(SlotEvent::drain)) continue;
        slot->drain_limit = limit;
        if (slot->phase == SlotPhase::draining) spawn(executor_, "draining host", drain(slot));
    }
    changed_.wake_all();
}

awaitable<void> HostPool::drain(std::shared_ptr<Slot> slot) {
    const auto deadline = Clock::now() + slot->drain_limit;
    while (!stopping_ && slot->used > 0 && slot->host->alive() && Clock::now() < deadline)
        co_await changed_.wait_until(deadline);
    if (stopping_) co_return;
    if (slot->used > 0 && slot->host->alive()) {
        log_.with("plugin", slot->plugin)
            .warning("generation {} did not end its runs within {} s; its host is ended and they restart",
                     slot->generation->number, slot->drain_limit.count());
        slot->host->kill();
        co_await slot->host->ended(Clock::time_point::max());
    }
    if (slot->host->alive()) co_await retire(slot);
    co_await slot->host->ended(Clock::time_point::max()); // it counts, and is shown, until its process is gone
    if (!stopping_) discard(slot);
}

awaitable<void> HostPool::drained(std::string plugin, std::uint64_t generation, Clock::time_point deadline) {
    const auto others = [&] {
        return std::any_of(slots_.begin(), slots_.end(), [&](const auto &slot) {
            return slot->plugin == plugin && slot->generation->number != generation;
        });
    };
    while (others() && !stopping_ && Clock::now() < deadline) co_await changed_.wait_until(deadline);
}

awaitable<void> HostPool::stop() {
    stopping_ = true;
    changed_.wake_all();
    for (const auto &slot : slots_)
        if (!slot->up() && slot->host) slot->host->kill();
    while (starting_ > 0) co_await changed_.wait();
    const auto slots = std::exchange(slots_, {});
    for (const auto &slot : slots)
        if (slot->up() && slot->used > 0) slot->host->kill();
    std::size_t left = 0;
    for (const auto &slot : slots) {
        if (!slot->up()) continue;
        ++left;
        spawn(executor_, "ending a host",
              [](std::shared_ptr<HostProcess> host, std::size_t &count, Signal &done) -> awaitable<void> {
                  co_await host->leave(kLeaveLimit);
                  --count;
                  done.wake_all();
              }(slot->host, left, changed_));
    }
    while (left > 0) co_await changed_.wait();
}

std::vector<std::shared_ptr<const HostPool::Slot>> HostPool::hosts_of(const std::string &plugin) const {
    std::vector<std::shared_ptr<const Slot>> out;
    for (const auto &slot : slots_)
        if (slot->plugin == plugin) out.push_back(slot);
    return out;
}

} // namespace angod::supervisor
