// How many calls of Hub's REST API may be made with one API key.
//
// Hub counts the calls of a key over a minute, whoever makes them. Hosts are processes of their own, and several of them call
// with the key of one user. So each asks here before a call, and tells of each refusal (HTTP 429). The number of calls that Hub
// takes is configured, or learned from a refusal.
#pragma once

#include "base/async.hpp"
#include "base/log.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace angod::hub {

enum class BudgetState {
    unlimited, ///< no limit is known; every call is granted at once
    limited,   ///< at most a known number of calls is granted in a minute
    paused,    ///< Hub has refused a call; none is granted until the wait that Hub asked for is over
};

enum class BudgetEvent {
    refused,           ///< Hub refused a call
    wait_over_limited, ///< the wait is over, and the limit is configured or could be learned
    wait_over,         ///< the wait is over, and no limit could be learned
    configured,        ///< the configuration names a limit
    forgotten,         ///< the limit was learned long ago, or has left the configuration
};

struct BudgetTransition {
    BudgetState from;
    BudgetEvent event;
    BudgetState to;
};

/// Every transition that there is.
inline constexpr BudgetTransition kBudgetTransitions[] = {
    {BudgetState::unlimited, BudgetEvent::refused, BudgetState::paused},
    {BudgetState::unlimited, BudgetEvent::configured, BudgetState::limited},

    {BudgetState::limited, BudgetEvent::refused, BudgetState::paused},
    {BudgetState::limited, BudgetEvent::configured, BudgetState::limited},
    {BudgetState::limited, BudgetEvent::forgotten, BudgetState::unlimited},

    {BudgetState::paused, BudgetEvent::refused, BudgetState::paused},
    {BudgetState::paused, BudgetEvent::wait_over_limited, BudgetState::limited},
    {BudgetState::paused, BudgetEvent::wait_over, BudgetState::unlimited},
};

constexpr std::optional<BudgetState> next_state(BudgetState from, BudgetEvent event) {
    for (const BudgetTransition &one : kBudgetTransitions)
        if (one.from == from && one.event == event) return one.to;
    return std::nullopt;
}

/// Whether a user waits for the run that makes the call. A tenth of the calls is kept for such runs.
enum class Urgency { user_waits, nobody_waits };

/// The calls of one key. Pure: the caller brings the time, which never goes back.
class KeyBudget {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// configured: calls a minute; 0: learned from refusals.
    explicit KeyBudget(std::uint32_t configured);

    void configure(std::uint32_t calls_per_minute);
    /// Whether a call may be made now.
    bool allows(Time now, Urgency urgency);
    /// Counts one call, after allows() has returned true.
    void count(Time now);
    /// Not before this time can allows() return true. Only after it has returned false.
    Time next(Urgency urgency) const;
    /// Hub refused a call. wait: as Hub asked; nothing: it told no time.
    void refused(Time now, std::optional<std::chrono::milliseconds> wait);

    BudgetState state() const { return state_; }
    /// Calls a minute; 0: no limit is known.
    std::uint32_t limit() const { return limit_; }
    /// No call of the last minute and nothing learned has to be kept.
    bool idle(Time now);

private:
    void enter(BudgetEvent event);
    void look_at_clock(Time now);
    std::size_t share(Urgency urgency) const;

    std::uint32_t configured_;
    std::uint32_t limit_;
    BudgetState state_;
    std::deque<Time> granted_; ///< in the last minute, oldest first
    // Of the state paused:
    Time paused_until_{};
    std::size_t before_pause_ = 0; ///< calls of the minute before the first refusal, the refused ones included
    std::size_t refusals_ = 0;
    bool is_minute_limit_ = false; ///< the refusal looks like that of a limit of calls in a minute
    Time learned_{};
};

/// The budgets of all keys. Event loop only.
class CallBudget {
public:
    using Time = KeyBudget::Time;
    /// However long Hub wants a key to wait, its runs go on after this time: another answer may come by then.
    static constexpr std::chrono::milliseconds kLongestWait{120'000};

    explicit CallBudget(
        const asio::any_io_executor &executor,
        std::function<Time()> now = [] { return std::chrono::steady_clock::now(); });

    /// For all keys, at most 10,000; 0: learned from refusals.
    void configure(std::uint32_t calls_per_minute);
    /// Calls granted once, at once or later, calls with a user first. It returns whether the call is made: false if nobody
    /// wants it any more, and then it does not count. It must not throw.
    void want(const std::string &key, Urgency urgency, std::function<bool()> granted);
    /// Counts a call if it may be made now and none of the same or a higher urgency waits.
    bool take(const std::string &key, Urgency urgency);
    void refused(const std::string &key, std::optional<std::chrono::milliseconds> wait);

    std::uint64_t calls() const { return calls_; } ///< granted since the start
    std::uint64_t refusals() const { return refusals_; }
    std::size_t waiting() const { return waiting_; }
    std::size_t keys() const { return keys_.size(); }

private:
    struct Key;
    Key &key_of(const std::string &key);
    bool grant_one(Key &key);
    void grant(Key &key);
    void tell_limit(Key &key);
    awaitable<void> serve(std::shared_ptr<Key> key);

    asio::any_io_executor executor_;
    const std::function<Time()> now_;
    Log log_;
    std::uint32_t configured_ = 0;
    std::map<std::string, std::shared_ptr<Key>> keys_;
    std::size_t sweep_at_ = 64; ///< keys; idle ones are then forgotten
    std::uint64_t calls_ = 0, refusals_ = 0;
    std::size_t waiting_ = 0;
};

} // namespace angod::hub
