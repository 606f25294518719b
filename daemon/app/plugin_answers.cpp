#include "app/plugin.hpp"

#include "base/grouped.hpp"

#include <fmt/format.h>

namespace angod::app {

void Plugin::answered(const jobs::JobPtr &job) {
    const auto sent = link_->send_answer(job->id, job->answer.message, job->log_context);
    if (sent != hub::Link::Sent::too_long) return; // written, or sent when the link is live again
    if (link_->fits(hub::error_answer(job->session)))
        spawn(shared_.executor, "answer too long", fail_too_long(job, job->answer.message.size()));
    else
        give_up_too_long(job);
}

/// The error answer that would take its place is too long as well, so no answer can be delivered.
void Plugin::give_up_too_long(const jobs::JobPtr &job) {
    const std::size_t bytes = job->answer.message.size(), error_bytes = hub::error_answer(job->session).size();
    const std::string why =
        fmt::format("the answer is {} bytes long and the error answer {} bytes, more than Hub takes ({} bytes)",
                    grouped(bytes), grouped(error_bytes), grouped(link_->max_payload()));
    log_.with("job", job->id).error("the answer is given up: {}", why);
    const std::string before = job->answer.problem.empty() ? "" : job->answer.problem + " ";
    give_up(job, fmt::format("{}The answer could not be delivered: {}.", before, why));
}

void Plugin::give_up(const jobs::JobPtr &job, std::string problem) {
    shared_.counters.answer_given_up(config_.name);
    spawn(shared_.executor, "giving up an answer", shared_.queue.give_up(job, std::move(problem)));
}

awaitable<void> Plugin::fail_too_long(jobs::JobPtr job, std::size_t bytes) {
    co_await fail(job,
                  fmt::format("The plugin's answer is {} bytes long, more than Hub takes ({} bytes).", grouped(bytes),
                              grouped(link_->max_payload())),
                  "answer too long");
}

void Plugin::take_over(Plugin &before) {
    refusals_ = std::move(before.refusals_);
    last_refusal_ = before.last_refusal_;
}

void Plugin::send_all_answers() {
    std::vector<std::string> keys;
    for (const auto &[key, refusal] : refusals_) keys.push_back(key);
    for (const std::string &key : keys) send_refusal(key);
    for (const jobs::JobPtr &job : shared_.queue.answers(config_.name)) answered(job);
}

void Plugin::send_refusal(const std::string &key) {
    const auto found = refusals_.find(key);
    if (found == refusals_.end()) return;
    const Refusal refusal = found->second; // the link may tell of its end while it sends
    const auto sent = link_->send_answer(key, refusal.message, refusal.log_context);
    if (sent != hub::Link::Sent::too_long || refusals_.erase(key) == 0) return;
    log_.error(
        "the answer to a run that could not be recorded is given up: it is {} bytes long, more than Hub takes ({} "
        "bytes)",
        grouped(refusal.message.size()), grouped(link_->max_payload()));
    shared_.counters.answer_given_up(config_.name);
}

void Plugin::delivered(const std::vector<std::string> &keys) {
    std::vector<jobs::JobPtr> confirmed;
    for (const std::string &key : keys) {
        if (refusals_.erase(key) > 0) continue;
        if (jobs::JobPtr job = shared_.queue.find(key); job && job->state == jobs::State::answering)
            confirmed.push_back(std::move(job));
    }
    if (!confirmed.empty()) spawn(shared_.executor, "confirmation", shared_.queue.confirm(std::move(confirmed)));
}

void Plugin::undeliverable(const std::string &key, const std::string &why) {
    if (refusals_.erase(key) > 0) shared_.counters.answer_given_up(config_.name);
    const jobs::JobPtr job = shared_.queue.find(key);
    if (!job || job->state != jobs::State::answering) return;
    log_.with("job", job->id).error("the answer is given up: {}", why);
    give_up(job, "The answer could not be delivered: " + why);
}

/// Export is answered by a call of ours, and so is what failed.
std::optional<hub::Run> Plugin::run_of(const std::string &key) const {
    if (const auto refused = refusals_.find(key); refused != refusals_.end()) return refused->second.run;
    const jobs::JobPtr job = shared_.queue.find(key);
    if (!job) return std::nullopt;
    const bool failed = job->state == jobs::State::answering && job->answer.outcome != jobs::State::done;
    return hub::Run{job->session, job->digest, job->answer_key, job->created_boot_ms,
                    job->kind == PluginKind::export_ || failed};
}

} // namespace angod::app
