// The answers of the queue's jobs: recorded, handed out, confirmed.
//
// A run without effects gets its answer out first and onto the disk afterwards. With effects it is the other way round,
// so that an event that comes once more gets the same answer. Neither waits for a disk that fails: the answer is handed
// out, and record_answer tries until it is recorded.
// Invariant: a job is in Line::answering from hand_out until confirm or give_up. Thread: the event loop.
#include "jobs/queue.hpp"

#include <algorithm>
#include <utility>

namespace angod::jobs {

namespace {

constexpr auto kRetryStore = std::chrono::seconds(1);

} // namespace

awaitable<void> Queue::finish(JobPtr job, Answer answer) {
    while (recording_.contains(job->id)) co_await recording_.at(job->id)->wait();
    if (!open_.contains(job->id)) co_return; // it could not be recorded and was answered as such
    job->answer = std::move(answer);
    ++job->answers;
    job->answer_recorded = job->confirmed = false;
    if (!job->effects) {
        hand_out(job);
        record_later(job); // the answer leaves before that
        co_return;
    }
    const std::uint32_t number = job->answers;
    const auto stored = co_await store_.finish(job);
    job->answer_recorded = stored && number == job->answers;
    if (!job->answer_recorded) record_later(job);
    hand_out(job);
}

void Queue::hand_out(const JobPtr &job) {
    move_to_answering(job);
    if (lines_[job->plugin].released && job->answer_recorded) return remove(job);
    listener_->answered(job);
}

/// In a later turn of the event loop.
void Queue::record_later(const JobPtr &job) {
    ++answers_to_record_;
    asio::post(executor_, [this, job] { spawn(executor_, "recording an answer", record_answer(job)); });
}

/// Of an answer that is handed out: tries until it is recorded.
awaitable<void> Queue::record_answer(JobPtr job) {
    bool told = false;
    // A job that was answered twice has two of these: whichever records the last answer does so for both.
    while (!job->answer_recorded) {
        const std::uint32_t answer = job->answers;
        const auto stored = co_await store_.finish(job);
        if (stored) job->answer_recorded = answer == job->answers;
        if (stored) continue;
        if (!std::exchange(told, true))
            Log()
                .with("plugin", job->plugin)
                .with("job", job->id)
                .error("the answer could not be recorded ({}); it is sent all the same and recorded when that works",
                       stored.error().text);
        co_await pause(kRetryStore);
    }
    if (job->confirmed) {
        const std::vector<JobPtr> jobs{job};
        co_await store_.confirm(jobs);
    }
    if (lines_[job->plugin].released && open_.contains(job->id)) remove(job);
    --answers_to_record_;
    ++changes_; // the erased event is in the log
    changed_.wake_all();
}

void Queue::move_to_answering(const JobPtr &job) {
    Line &line = lines_[job->plugin];
    std::erase(line.running, job);
    line.erase_waiting(job); // only after an internal error while it was put back
    const auto [from, to] = same_.equal_range(job->digest);
    for (auto it = from; it != to; ++it)
        if (it->second == job) {
            same_.erase(it);
            break;
        }
    job->state = State::answering;
    bytes_ -= std::exchange(job->bytes, 0); // the store erases the event with the record of the answer
    job->event.reset();
    job->checkpoint.reset();
    std::erase(line.answering, job); // an answer that the link refused is answered anew
    line.answering.push_back(job);
    changed_.wake_all();
}

std::vector<JobPtr> Queue::answers(const std::string &plugin) const {
    const auto line = lines_.find(plugin);
    return line == lines_.end() ? std::vector<JobPtr>() : line->second.answering;
}

awaitable<void> Queue::confirm(std::vector<JobPtr> jobs) {
    // An answer that is not in the store yet is confirmed there by record_answer.
    std::vector<JobPtr> recorded;
    for (const JobPtr &job : jobs) {
        job->confirmed = true;
        if (job->answer_recorded) recorded.push_back(job);
    }
    if (!recorded.empty()) {
        const auto stored = co_await store_.confirm(recorded);
        // They stay recorded as answers and are sent again after the next start: twice is better than never.
        if (!stored)
            Log().error("the delivery of {} answers could not be recorded: {}", recorded.size(), stored.error().text);
    }
    for (const JobPtr &job : recorded) job->answer.message.clear();
    for (const JobPtr &job : jobs) {
        ++changes_;
        // Written twice, it can be confirmed twice.
        const bool ends = std::exchange(job->state, job->answer.outcome) == State::answering && !job->sent_again;
        remove(job);
        if (ends) listener_->ended(job);
    }
}

awaitable<void> Queue::give_up(JobPtr job, std::string problem) {
    job->answer.outcome = State::failed;
    job->answer.problem = std::move(problem);
    if (job->answer_recorded) co_await store_.finish(job); // if that fails, so does what follows, which says so
    const std::vector<JobPtr> jobs{job};
    co_await confirm(jobs);
}

} // namespace angod::jobs
