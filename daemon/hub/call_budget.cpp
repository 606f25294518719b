// Two layers. KeyBudget decides whether a call may be made now: it keeps the times of the calls of the last minute, so in no
// stretch of a minute are there more calls than the limit, wherever Hub begins to count. CallBudget keeps the calls that wait,
// in two lines a key, and a coroutine a key that grants them when their time comes.
//
// Learning: the calls of the minute before the first refusal, less those that Hub refused, are the calls that Hub took. This
// holds only for a limit of calls in a minute: Hub then takes the next call when the first of them is a minute old. If Hub asks
// for another wait than that, it had another reason, and nothing is learned.
#include "hub/call_budget.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace angod::hub {

namespace {

using namespace std::chrono_literals;

// A call takes time to arrive, so Hub may see two calls closer together than they were granted.
constexpr auto kMinute = 61s;
// By so much may the wait that Hub asks for differ from the one that is expected. Hub rounds it to seconds.
constexpr auto kTolerance = 3s;
constexpr std::chrono::milliseconds kUntoldWait = 10s;
// Fewer calls say nothing: another program may use the same key.
constexpr std::size_t kLeastLearned = 30;
// Bounds the memory of a key for which no limit is known.
constexpr std::size_t kMostRemembered = 10'000;
constexpr auto kForgetAfter = 10min;

} // namespace

KeyBudget::KeyBudget(std::uint32_t configured)
    : configured_(configured),
      limit_(configured),
      state_(configured > 0 ? BudgetState::limited : BudgetState::unlimited) {}

void KeyBudget::enter(BudgetEvent event) {
    const auto next = next_state(state_, event);
    assert(next);
    if (next) state_ = *next;
}

void KeyBudget::configure(std::uint32_t calls_per_minute) {
    if (configured_ == calls_per_minute) return;
    configured_ = calls_per_minute;
    limit_ = calls_per_minute;
    if (state_ == BudgetState::paused) return; // the end of the wait looks at the limit
    if (calls_per_minute > 0)
        enter(BudgetEvent::configured);
    else if (state_ == BudgetState::limited)
        enter(BudgetEvent::forgotten);
}

void KeyBudget::look_at_clock(Time now) {
    while (!granted_.empty() && now - granted_.front() >= kMinute) granted_.pop_front();
    if (state_ == BudgetState::paused && now >= paused_until_) {
        const std::size_t taken = before_pause_ - std::min(before_pause_, refusals_);
        if (configured_ == 0 && is_minute_limit_ && taken >= kLeastLearned) {
            limit_ = static_cast<std::uint32_t>(taken);
            learned_ = now;
        }
        enter(limit_ > 0 ? BudgetEvent::wait_over_limited : BudgetEvent::wait_over);
    }
    if (state_ == BudgetState::limited && configured_ == 0 && now - learned_ >= kForgetAfter) {
        limit_ = 0;
        enter(BudgetEvent::forgotten);
    }
}

std::size_t KeyBudget::share(Urgency urgency) const {
    const std::size_t kept = urgency == Urgency::user_waits ? 0 : limit_ / 10;
    return limit_ - kept;
}

bool KeyBudget::allows(Time now, Urgency urgency) {
    look_at_clock(now);
    if (state_ == BudgetState::paused) return false;
    return state_ != BudgetState::limited || granted_.size() < share(urgency);
}

void KeyBudget::count(Time now) {
    if (granted_.size() >= kMostRemembered) granted_.pop_front();
    granted_.push_back(now);
}

KeyBudget::Time KeyBudget::next(Urgency urgency) const {
    if (state_ == BudgetState::paused) return paused_until_;
    const std::size_t share = this->share(urgency);
    if (granted_.size() < share || granted_.empty()) return Time{};
    return granted_[granted_.size() - share] + kMinute;
}

void KeyBudget::refused(Time now, std::optional<std::chrono::milliseconds> wait) {
    look_at_clock(now);
    if (state_ != BudgetState::paused) {
        before_pause_ = granted_.size();
        refusals_ = 0;
        paused_until_ = now;
        const auto expected = granted_.empty() ? 0s : granted_.front() + 60s - now;
        is_minute_limit_ = !wait || (*wait - expected <= kTolerance && expected - *wait <= kTolerance);
    }
    ++refusals_;
    paused_until_ = std::max(paused_until_, now + wait.value_or(kUntoldWait));
    enter(BudgetEvent::refused);
}

bool KeyBudget::idle(Time now) {
    look_at_clock(now);
    return granted_.empty() && state_ != BudgetState::paused && (limit_ == 0 || limit_ == configured_);
}

struct CallBudget::Key {
    using Line = std::deque<std::function<bool()>>;
    Key(const asio::any_io_executor &executor, std::uint32_t configured) : budget(configured), changed(executor) {}
    Line &line(Urgency urgency) { return urgency == Urgency::user_waits ? with_user : without_user; }
    bool nobody_waits() const { return with_user.empty() && without_user.empty(); }

    KeyBudget budget;
    Line with_user, without_user;
    Signal changed; ///< a call has come, or the limit is another one
    bool is_served = false;
    std::uint32_t told_limit = 0; ///< that the log has
};

CallBudget::CallBudget(const asio::any_io_executor &executor, std::function<Time()> now)
    : executor_(executor), now_(std::move(now)) {}

void CallBudget::configure(std::uint32_t calls_per_minute) {
    configured_ = calls_per_minute;
    for (const auto &[name, key] : keys_) {
        key->budget.configure(calls_per_minute);
        key->changed.wake_all();
    }
}

CallBudget::Key &CallBudget::key_of(const std::string &key) {
    if (const auto found = keys_.find(key); found != keys_.end()) return *found->second;
    if (keys_.size() >= sweep_at_) {
        const Time now = now_();
        std::erase_if(keys_,
                      [&](const auto &one) { return one.second->nobody_waits() && one.second->budget.idle(now); });
        sweep_at_ = std::max<std::size_t>(64, 2 * keys_.size());
    }
    return *keys_.emplace(key, std::make_shared<Key>(executor_, configured_)).first->second;
}

void CallBudget::want(const std::string &name, Urgency urgency, std::function<bool()> granted) {
    Key &key = key_of(name);
    key.line(urgency).push_back(std::move(granted));
    ++waiting_;
    grant(key);
    if (key.nobody_waits()) return;
    key.changed.wake_all();
    if (!std::exchange(key.is_served, true)) spawn(executor_, "calls of Hub", serve(keys_.at(name)));
}

bool CallBudget::take(const std::string &name, Urgency urgency) {
    Key &key = key_of(name);
    const bool is_behind = !key.with_user.empty() || (urgency == Urgency::nobody_waits && !key.without_user.empty());
    const bool allowed = !is_behind && key.budget.allows(now_(), urgency);
    tell_limit(key);
    if (!allowed) return false;
    key.budget.count(now_());
    ++calls_;
    return true;
}

void CallBudget::refused(const std::string &name, std::optional<std::chrono::milliseconds> wait) {
    ++refusals_;
    if (wait) wait = std::min(*wait, kLongestWait);
    Key &key = key_of(name);
    key.budget.refused(now_(), wait);
    tell_limit(key);
}

/// Grants the first call that may be made and that somebody still wants. False if there is none.
bool CallBudget::grant_one(Key &key) {
    for (const Urgency urgency : {Urgency::user_waits, Urgency::nobody_waits}) {
        auto &line = key.line(urgency);
        while (!line.empty() && key.budget.allows(now_(), urgency)) {
            const auto granted = std::move(line.front());
            line.pop_front();
            --waiting_;
            if (!granted()) continue;
            key.budget.count(now_());
            ++calls_;
            return true;
        }
    }
    return false;
}

void CallBudget::grant(Key &key) {
    while (grant_one(key)) {
    }
    tell_limit(key);
}

void CallBudget::tell_limit(Key &key) {
    const std::uint32_t limit = key.budget.limit();
    if (limit == std::exchange(key.told_limit, limit) || limit == 0 || limit == configured_) return;
    log_.warning(
        "Hub refused calls: it takes {} calls a minute with one API key. angod keeps below that for ten minutes",
        limit);
}

awaitable<void> CallBudget::serve(std::shared_ptr<Key> key) {
    for (;;) {
        grant(*key);
        if (key->nobody_waits()) break;
        const Urgency first = key->with_user.empty() ? Urgency::nobody_waits : Urgency::user_waits;
        co_await key->changed.wait_until(key->budget.next(first));
    }
    key->is_served = false;
}

} // namespace angod::hub
