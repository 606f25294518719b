// The messages that wait for Hub.
//
// Problem: an answer is durable before it is sent, the link may break at any moment, and Hub may refuse an answer for
// good. Every session must end in Hub all the same, and nothing may be tried without end.
// Approach: answers stay in the queue in the state "answering" until delivered() or give_up(); send_all() sends all of
// them on each new link. Refusals have no job and are kept here, in memory.
// Invariant: a too long answer is replaced once at most. The error answer is sent only if it fits, so sending never
// leads back to sending without end.
// Thread: the event loop.
#include "app/outbox.hpp"

#include "app/failure.hpp"
#include "app/hub_log.hpp"
#include "base/clock.hpp"
#include "base/grouped.hpp"

#include <fmt/format.h>

#include <utility>

namespace angod::app {

namespace {

/// Of runs that could not be recorded; the oldest go first.
constexpr std::size_t kMostRefusals = 1000;

} // namespace

void Outbox::refuse(const hub::PluginEvent &event, const Error &why) {
    use_.log.error("a run could not be recorded: {}", why.text);
    const std::string key = fmt::format("refused {:020}", ++last_refusal_);
    refusals_[key] = {hub::error_answer(event.session),
                      event.log_context,
                      {event.session, event.digest, event.api_key, since_boot_ms(), true}};
    if (goes_to_hub(use_.hub_log, hub::LogLevel::error))
        use_.link.log(key, event.log_context, hub::LogLevel::error,
                      fmt::format("The plugin cannot take this run: {}.", why.text));
    send_refusal(key);
    if (refusals_.size() > kMostRefusals) refusals_.erase(refusals_.begin());
}

void Outbox::take_over(Outbox &before) {
    refusals_ = std::move(before.refusals_);
    last_refusal_ = before.last_refusal_;
}

// ---- sending

void Outbox::send_all() {
    std::vector<std::string> keys; // sending one may remove others
    for (const auto &[key, refusal] : refusals_) keys.push_back(key);
    for (const std::string &key : keys) send_refusal(key);
    for (const jobs::JobPtr &job : use_.queue.answers(use_.plugin)) send(job);
}

void Outbox::send_refusal(const std::string &key) {
    const auto found = refusals_.find(key);
    if (found == refusals_.end()) return;
    const Refusal refusal = found->second;
    const auto sent = use_.link.send_answer(key, refusal.message, refusal.log_context);
    if (sent != hub::Link::Sent::too_long || refusals_.erase(key) == 0) return;
    use_.log.error("the answer to a run that could not be recorded is given up: it is {} bytes long, more than Hub "
                   "takes ({} bytes)",
                   grouped(refusal.message.size()), grouped(use_.link.max_payload()));
    use_.counters.answer_given_up(use_.plugin);
}

void Outbox::send(const jobs::JobPtr &job) {
    const auto sent = use_.link.send_answer(job->id, job->answer.message, job->log_context);
    if (sent != hub::Link::Sent::too_long) return; // written, or sent when the link is live again
    if (use_.link.fits(hub::error_answer(job->session)))
        replace_too_long(job);
    else
        give_up_too_long(job);
}

/// The queue hands the error answer out to send.
void Outbox::replace_too_long(const jobs::JobPtr &job) {
    auto failed =
        too_long_failure(*job, job->answer.message.size(), use_.link.max_payload(), use_.session_log, use_.log);
    spawn(use_.executor, "answer too long", use_.queue.finish(job, std::move(failed)));
}

void Outbox::give_up_too_long(const jobs::JobPtr &job) {
    give_up(job,
            fmt::format("the answer is {} bytes long and the error answer {} bytes, more than Hub takes ({} bytes)",
                        grouped(job->answer.message.size()), grouped(hub::error_answer(job->session).size()),
                        grouped(use_.link.max_payload())));
}

void Outbox::give_up(const jobs::JobPtr &job, const std::string &why) {
    use_.log.with("job", job->id).error("the answer is given up: {}", why);
    use_.counters.answer_given_up(use_.plugin);
    std::string problem = job->answer.outcome == jobs::State::failed ? job->answer.problem + " " : "";
    problem += fmt::format("The answer could not be delivered: {}.", why);
    spawn(use_.executor, "giving up an answer", use_.queue.give_up(job, std::move(problem)));
}

// ---- what the link tells

void Outbox::delivered(const std::vector<std::string> &keys) {
    std::vector<jobs::JobPtr> confirmed;
    for (const std::string &key : keys) {
        if (refusals_.erase(key) > 0) continue;
        if (jobs::JobPtr job = use_.queue.find(key); job && job->state == jobs::State::answering)
            confirmed.push_back(std::move(job));
    }
    if (!confirmed.empty()) spawn(use_.executor, "confirmation", use_.queue.confirm(std::move(confirmed)));
}

void Outbox::undeliverable(const std::string &key, const std::string &why) {
    if (refusals_.erase(key) > 0) use_.counters.answer_given_up(use_.plugin);
    const jobs::JobPtr job = use_.queue.find(key);
    if (job && job->state == jobs::State::answering) give_up(job, why);
}

std::optional<hub::Run> Outbox::run_of(const std::string &key) const {
    if (const auto refused = refusals_.find(key); refused != refusals_.end()) return refused->second.run;
    const jobs::JobPtr job = use_.queue.find(key);
    if (!job) return std::nullopt;
    // As with the vendor's own connector: exports and tasks of workflows are answered by calls of ours, and Hub learns
    // from the response to its own call what became of all other runs.
    const bool failed = job->state == jobs::State::answering && job->answer.outcome != jobs::State::done;
    return hub::Run{job->session,
                    job->digest,
                    job->answer_key,
                    job->created_boot_ms,
                    job->kind == PluginKind::export_ || job->is_task(),
                    failed};
}

} // namespace angod::app
