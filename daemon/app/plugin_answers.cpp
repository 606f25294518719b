#include "app/plugin.hpp"

#include "base/grouped.hpp"

#include <fmt/format.h>

namespace angod::app {

void Plugin::answered(const jobs::JobPtr &job) {
    const auto sent = link_->send_answer(job->id, job->answer.message, job->log_context);
    if (sent != hub::Link::Sent::too_long) return; // written, or sent when the link is live again
    spawn(shared_.executor, "answer too long", fail_too_long(job, job->answer.message.size()));
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
    for (const auto &[key, refusal] : refusals_) link_->send_answer(key, refusal.message, refusal.log_context);
    for (const jobs::JobPtr &job : shared_.queue.answers(config_.name)) answered(job);
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
    refusals_.erase(key);
    const jobs::JobPtr job = shared_.queue.find(key);
    if (!job || job->state != jobs::State::answering) return;
    log_.with("job", key).error("the answer is given up: {}", why);
    spawn(shared_.executor, "giving up an answer",
          shared_.queue.give_up(job, "The answer could not be delivered: " + why));
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
