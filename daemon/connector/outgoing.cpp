#include "connector/outgoing.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace angod::connector {

namespace {

using namespace std::chrono_literals;

/// A call that waits for the answer waits so long for the lines before it.
constexpr auto kLogsBeforeResponse = 2s;
/// After so many failures of a line the answer does not wait for the log.
constexpr unsigned kLineAttempts = 3;
constexpr auto kForgetIdle = 1min;
constexpr std::chrono::milliseconds kFirstWait = 1s, kLongestWait = 5min;
/// An answer is given up when it is this old and was tried so often.
constexpr std::int64_t kGiveUpMs = 86'400'000;
constexpr unsigned kLeastAttempts = 8;

bool may_pass(Code code) { return code == Code::network || code == Code::timeout || code == Code::protocol; }

} // namespace

Outgoing::Outgoing(hub::LogBuffer &buffer, std::string key, std::string_view log_context, hub::Run run, Time now)
    : key_(std::move(key)), run_(std::move(run)), log_(buffer, key_, log_context, now), used_at_(now) {}

void Outgoing::set_answer(std::string message, Time now) {
    phase_ = Phase::answering;
    answer_ = std::move(message);
    logs_until_ = now + kLogsBeforeResponse;
}

Outgoing::Step Outgoing::next(Time now, bool held) {
    const bool answering = phase_ == Phase::answering;
    if (answering) log_.keep_last_lines();
    const bool waited_for = answering && held && !run_.posted;
    const bool lines_first = waited_for ? now < logs_until_ : line_failures_ < kLineAttempts;
    if (!log_.empty() && (lines_first || !answering)) {
        Time at = not_before_;
        if (phase_ == Phase::logging) at = std::max(at, log_.next_at(now));
        if (at <= now) return {Action::post_line};
        return {Action::wait, waited_for ? std::min(at, logs_until_) : at};
    }
    if (phase_ == Phase::logging && now < used_at_ + kForgetIdle) return {Action::wait, used_at_ + kForgetIdle};
    if (!answering) {
        phase_ = Phase::done;
        return {Action::end};
    }
    if (answer_.empty()) return {Action::confirm_without_answer};
    if (waited_for) return {Action::hand_over};
    if (now < not_before_) return {Action::wait, not_before_};
    return {Action::post_answer};
}

// ---- lines

SessionLog::Line Outgoing::take_line(Time now) {
    used_at_ = now;
    return log_.take(now);
}

void Outgoing::line_sent() { failures_ = line_failures_ = 0; }

Outgoing::Verdict Outgoing::line_failed(SessionLog::Line line, const Posted &posted, Time now) {
    if (posted.failed->code == Code::cancelled) return Verdict::cancelled;
    ++line_failures_;
    const bool after_answer = phase_ == Phase::finishing;
    if (may_pass(posted.failed->code) && (!after_answer || line_failures_ < kLineAttempts)) {
        log_.put_back(std::move(line));
        try_later(posted, now);
        return Verdict::retry;
    }
    if (after_answer) log_.clear(); // the lines that follow are not worth their calls
    return std::exchange(told_of_lines_, true) ? Verdict::lost : Verdict::first_lost;
}

// ---- the answer

void Outgoing::delivered() {
    phase_ = Phase::finishing;
    answer_.clear();
    told_of_answer_ = false;
    failures_ = 0;
    not_before_ = {};
}

Outgoing::Verdict Outgoing::answer_failed(const Posted &posted, std::int64_t age_ms, Time now) {
    if (posted.failed->code == Code::cancelled) return Verdict::cancelled;
    if (!may_pass(posted.failed->code) || (age_ms > kGiveUpMs && failures_ + 1 >= kLeastAttempts)) {
        phase_ = Phase::done;
        return Verdict::lost;
    }
    line_failures_ = 0;
    try_later(posted, now);
    return std::exchange(told_of_answer_, true) ? Verdict::retry : Verdict::first_retry;
}

void Outgoing::try_later(const Posted &posted, Time now) {
    static std::minstd_rand random{std::random_device{}()};
    auto wait = std::min(kLongestWait, kFirstWait * (1 << std::min(failures_, 10u)));
    wait += std::chrono::milliseconds(std::uniform_int_distribution<long>(0, wait.count() / 4)(random));
    not_before_ = now + std::max(wait, std::min(posted.retry_after, kLongestWait));
    ++failures_;
}

} // namespace angod::connector
