#include "supervisor/host_pool.hpp"

#include <algorithm>

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

HostPool::HostPool(const asio::any_io_executor &executor, const Program &host_program, std::size_t max_hosts, Log log)
    : executor_(executor),
      host_program_(host_program),
      max_hosts_(max_hosts),
      log_(std::move(log)),
      changed_(executor) {}

awaitable<HostPool::Acquired> HostPool::acquire(PluginSpec spec, Sharing sharing, Clock::time_point deadline) {
    const bool isolated = sharing == Sharing::isolated;
    while (!stopping_ && spec.wanted()) {
        if (Clock::now() >= deadline)
            co_return AcquireError{AcquireFailure::none_free,
                                   "no host was free in time; max_hosts or the plugin's concurrency are in use"};
        std::erase_if(slots_, [](const auto &slot) { return slot->host && !slot->host->alive() && slot->used == 0; });
        if (isolated && has_isolated_job(spec.plugin)) {
            co_await changed_.wait_until(deadline);
            continue;
        }
        if (auto slot = free_slot(spec, sharing)) {
            ++slot->used;
            slot->exclusive = isolated;
            co_return Lease(*this, std::move(slot));
        }
        // Those that failed before, perhaps by hanging for long, have one place among them.
        const bool failed_before = failed_.contains(spec.plugin);
        if (!may_start(spec, sharing) || starting_ >= kMaxStarting || (failed_before && failed_one_starts_) ||
            (slots_.size() >= max_hosts_ && !make_room())) {
            co_await changed_.wait_until(deadline);
            continue;
        }
        auto slot = std::make_shared<Slot>();
        slot->plugin = spec.plugin;
        slot->generation = spec.generation;
        slot->capacity = spec.generation->version.info.concurrent ? spec.concurrency : 1;
        slot->exclusive = isolated;
        slot->used = 1;
        slots_.push_back(slot);
        ++starting_;
        if (failed_before) failed_one_starts_ = true;
        const auto started = co_await start(spec, slot);
        --starting_;
        if (failed_before) failed_one_starts_ = false;
        if (started)
            failed_.erase(spec.plugin);
        else if (!stopping_ && !slot->dropped)
            failed_.insert(spec.plugin);
        if (!started || stopping_ || slot->dropped || !spec.wanted()) {
            discard(slot);
            if (slot->host) slot->host->kill();
            if (stopping_ || slot->dropped || !spec.wanted()) break;
            co_return failure_of(started.error());
        }
        if (slot->draining) spawn(executor_, "draining host", drain(slot)); // it changed meanwhile
        changed_.wake_all();                                                // its other places are free
        spawn(executor_, "idle host", end_when_idle(slot, spec.idle, spec.lost));
        co_return Lease(*this, std::move(slot));
    }
    co_return AcquireError{AcquireFailure::not_wanted, "angod is stopping, or the host is not wanted any more"};
}

std::shared_ptr<HostPool::Slot> HostPool::free_slot(const PluginSpec &spec, Sharing sharing) {
    for (const auto &slot : slots_) {
        if (slot->plugin != spec.plugin || slot->generation != spec.generation || slot->draining || !slot->host ||
            !slot->host->alive() || slot->exclusive)
            continue;
        if (sharing == Sharing::isolated ? slot->used == 0 : slot->used < slot->capacity) return slot;
    }
    return nullptr;
}

bool HostPool::may_start(const PluginSpec &spec, Sharing sharing) const {
    const bool concurrent = spec.generation->version.info.concurrent;
    std::size_t hosts = 0;
    for (const auto &slot : slots_)
        // An isolated job may have a host beside the one that other jobs share.
        if (slot->plugin == spec.plugin && !(slot->draining && spec.overlap) && slot->generation == spec.generation &&
            (!concurrent || slot->exclusive == (sharing == Sharing::isolated)))
            ++hosts;
    return hosts < (concurrent ? 1 : spec.concurrency);
}

/// Isolated jobs run one after the other: a crash then shows which of them brings hosts down.
bool HostPool::has_isolated_job(const std::string &plugin) const {
    for (const auto &slot : slots_)
        if (slot->plugin == plugin && slot->exclusive && slot->used > 0) return true;
    return false;
}

/// Ends the host that has been idle longest.
bool HostPool::make_room() {
    std::shared_ptr<Slot> longest;
    for (const auto &slot : slots_)
        if (slot->used == 0 && slot->host && (!longest || slot->idle_since < longest->idle_since)) longest = slot;
    if (!longest) return false;
    slots_.remove(longest);
    spawn(executor_, "ending a host", retire(longest));
    return true;
}

awaitable<Result<void>> HostPool::start(PluginSpec spec, std::shared_ptr<Slot> slot) {
    HostOptions options;
    options.label = spec.plugin;
    options.generation = spec.generation->number;
    options.module_path = spec.generation->version.staged.string();
    options.environment = spec.environment;
    options.memory = spec.memory;
    const auto started = HostProcess::start(
        executor_, host_program_, std::move(options),
        log_.with("plugin", spec.plugin).with("generation", std::to_string(spec.generation->number)));
    if (!started) co_return started.error();
    const auto host = slot->starting = *started;
    auto ready = co_await host->load();
    if (ready) {
        host_protocol::OpenPlugin request{spec.plugin, spec.kind, spec.settings};
        ready = co_await host->open_plugin(std::move(request));
        if (!ready) co_await host->leave(kLeaveLimit);
    }
    slot->starting = nullptr;
    if (!ready) co_return ready;
    slot->host = host;
    slot->idle_since = Clock::now();
    co_return Result<void>();
}

void HostPool::release(Slot &slot) {
    --slot.used;
    slot.exclusive = false;
    slot.idle_since = Clock::now();
    changed_.wake_all();
}

void HostPool::discard(const std::shared_ptr<Slot> &slot) {
    slots_.remove(slot);
    changed_.wake_all();
}

awaitable<void> HostPool::end_when_idle(std::shared_ptr<Slot> slot, std::chrono::seconds idle,
                                        std::function<void(bool, std::string)> lost) {
    while (!stopping_ && slot->host->alive()) {
        const auto end = slot->used > 0 ? Clock::now() + idle : slot->idle_since + idle;
        if (slot->used == 0 && Clock::now() >= end) break;
        co_await slot->host->ended(end);
    }
    if (stopping_) co_return;
    discard(slot); // one that has died must not be shown, nor keep its descriptors, until the next job comes
    if (slot->host->alive()) co_return co_await retire(slot);
    co_await slot->host->ended(Clock::time_point::max()); // how it ended is known a moment later
    if (!slot->draining && !slot->host->leaving()) lost(slot->host->died_idle(), slot->host->end_text());
}

awaitable<void> HostPool::retire(std::shared_ptr<Slot> slot) {
    co_await slot->host->leave(kLeaveLimit);
    changed_.wake_all();
}

void HostPool::drain_others(const std::string &plugin, std::uint64_t generation, std::chrono::seconds limit) {
    std::set<std::uint64_t> others; // with runs: what is idle goes at once
    for (const auto &slot : slots_)
        if (slot->plugin == plugin && slot->generation->number != generation && slot->used > 0)
            others.insert(slot->generation->number);
    while (others.size() > kMostDraining) others.erase(others.begin());
    const auto slots = slots_;
    for (const auto &slot : slots) {
        if (slot->plugin != plugin || slot->generation->number == generation) continue;
        if (slot->used > 0 && !others.contains(slot->generation->number) && slot->host) {
            log_.with("plugin", plugin)
                .warning("generation {} still drains while two others do; its host is ended and its runs start anew",
                         slot->generation->number);
            slot->host->kill();
        }
        if (std::exchange(slot->draining, true)) continue;
        slot->drain_limit = limit;
        if (slot->host) spawn(executor_, "draining host", drain(slot));
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
            .warning("generation {} did not end its runs within {} s; its host is ended and they start anew",
                     slot->generation->number, slot->drain_limit.count());
        slot->host->kill();
    }
    if (slot->host->alive()) co_await retire(slot);
    discard(slot);
}

void HostPool::stop_starting(const std::string &plugin, const Generation &generation) {
    for (const auto &slot : slots_) {
        if (slot->plugin != plugin || slot->generation.get() != &generation || slot->host) continue;
        slot->dropped = true;
        if (slot->starting) slot->starting->kill();
    }
    changed_.wake_all();
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
        if (slot->starting) slot->starting->kill();
    while (starting_ > 0) co_await changed_.wait();
    const auto slots = std::exchange(slots_, {});
    for (const auto &slot : slots)
        if (slot->host && slot->used > 0) slot->host->kill();
    std::size_t left = 0;
    for (const auto &slot : slots) {
        if (!slot->host) continue;
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
