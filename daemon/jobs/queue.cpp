#include "jobs/queue.hpp"

#include "base/clock.hpp"
#include "base/ids.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::jobs {

namespace {

/// Longer events of waiting jobs are read from the store when their turn comes.
constexpr std::size_t kKeepInMemory = 16 * 1024;
constexpr auto kRetryStore = std::chrono::seconds(1);

void drop(std::vector<JobPtr> &jobs, const JobPtr &job) { std::erase(jobs, job); }

} // namespace

Queue::Queue(const asio::any_io_executor &executor, Store &store, Callbacks callbacks)
    : executor_(executor), store_(store), callbacks_(std::move(callbacks)), changed_(executor) {}

void Queue::add_plugin(const std::string &plugin, PluginLimits limits) { line(plugin).limits = limits; }

std::map<std::string, std::size_t> Queue::restore(const std::set<std::string> &plugins) {
    std::map<std::string, std::size_t> left;
    for (const JobPtr &job : store_.open_jobs()) {
        if (!plugins.contains(job->plugin)) {
            ++left[job->plugin];
            continue;
        }
        take_up(job);
    }
    store_.forget_open_jobs();
    return left;
}

void Queue::take_up(const JobPtr &job) {
    open_[job->id] = job;
    job->place = ++last_place_;
    Line &line = lines_[job->plugin];
    if (job->state == State::answering) {
        line.answering.push_back(job);
        return;
    }
    line.queued.push_back(job);
    same_.emplace(job->digest, job);
    const std::int64_t wait = job->not_before_boot_ms - since_boot_ms();
    if (wait > 0) runnable_later(job->plugin, wait);
}

awaitable<Result<void>> Queue::adopt(std::string plugin) {
    lines_[plugin].left = false;
    auto stored = co_await store_.open_jobs_of(plugin);
    if (!stored) co_return stored.error();
    for (const JobPtr &job : *stored)
        if (!open_.contains(job->id)) take_up(job);
    co_return Result<void>();
}

void Queue::leave(const std::string &plugin) {
    Line &line = lines_[plugin];
    line.left = true;
    const std::vector<JobPtr> queued(line.queued.begin(), line.queued.end()), answering = line.answering;
    for (const JobPtr &job : queued)
        if (!recording_.contains(job->id)) remove(job);
    for (const JobPtr &job : answering)
        if (job->answer_recorded) remove(job);
}

JobPtr Queue::open_same(const NewJob &event) const {
    const auto [from, to] = same_.equal_range(event.digest);
    for (auto it = from; it != to; ++it)
        if (it->second->plugin == event.plugin && it->second->session == event.session) return it->second;
    return nullptr;
}

awaitable<Result<Queue::Recorded>> Queue::record(NewJob event) {
    while (const JobPtr same = open_same(event)) {
        // The first may still be on its way to the disk; this one is acknowledged no earlier than that.
        while (recording_.contains(same->id)) co_await recording_.at(same->id)->wait();
        if (open_.contains(same->id)) co_return Recorded::joined;
        // It was answered before, or could not be recorded: this one finds that out by itself.
    }
    Line &line = lines_[event.plugin];
    if (line.queued.size() >= static_cast<std::size_t>(line.limits.max_queued))
        co_return error(Code::full, fmt::format("{} runs of this plugin are waiting already", line.queued.size()));
    auto job = std::make_shared<Job>();
    job->id = new_id();
    job->place = ++last_place_;
    job->plugin = event.plugin;
    job->kind = event.kind;
    job->effects = event.effects;
    job->session = std::move(event.session);
    job->digest = std::move(event.digest);
    job->answer_key = std::move(event.answer_key);
    job->log_context = std::move(event.log_context);
    job->created_ms = now_ms();
    job->created_boot_ms = since_boot_ms();
    job->event = std::move(event.event);
    open_[job->id] = job;
    same_.emplace(job->digest, job);
    line.queued.push_back(job);
    const auto recorded_signal = recording_[job->id] = std::make_shared<Signal>(executor_);
    // What only reads may run while it is being recorded; its answer waits for the record. Running it may drop
    // the event from the job.
    const auto text = job->event;
    if (!job->effects) callbacks_.runnable(job->plugin);

    const auto stored = co_await store_.record(job, text, job->effects);
    recording_.erase(job->id);
    if (!stored || stored->same) remove(job);
    recorded_signal->wake_all();
    if (!stored) co_return stored.error();
    if (const JobPtr same = stored->same) {
        // Not confirmed yet: that answer is still on its way and is written once more behind the first.
        const auto open = open_.find(same->id);
        const JobPtr answer = open != open_.end() ? open->second : same;
        if (open == open_.end()) {
            answer->state = State::answering;
            answer->sent_again = true;
            answer->answer_key = job->answer_key;
            answer->created_boot_ms = job->created_boot_ms;
            open_[answer->id] = answer;
            lines_[answer->plugin].answering.push_back(answer);
        }
        callbacks_.answered(answer);
        co_return Recorded::again;
    }
    ++changes_;
    if (job->event && job->event->size() > kKeepInMemory && job->state == State::queued) job->event.reset();
    if (line.left && job->state == State::queued)
        remove(job); // the store has it
    else if (job->effects)
        callbacks_.runnable(job->plugin);
    co_return Recorded::fresh;
}

JobPtr Queue::claim(const std::string &plugin) {
    if (!claiming_) return nullptr;
    Line &line = lines_[plugin];
    const std::int64_t now = since_boot_ms();
    // Jobs that must be alone run one after the other; those that wait for their turn hold up nobody else.
    const bool one_is_alone =
        std::any_of(line.running.begin(), line.running.end(), [](const JobPtr &job) { return job->alone; });
    for (auto it = line.queued.begin(); it != line.queued.end(); ++it) {
        const JobPtr job = *it;
        if (job->not_before_boot_ms > now || (job->effects && recording_.contains(job->id))) continue;
        if (job->alone && one_is_alone) continue;
        line.queued.erase(it);
        line.running.push_back(job);
        job->state = State::running;
        job->started_ms = now_ms();
        return job;
    }
    return nullptr;
}

void Queue::take(const JobPtr &job) {
    Line &line = lines_[job->plugin];
    std::erase(line.queued, job);
    line.running.push_back(job);
    job->state = State::running;
    job->started_ms = now_ms();
}

void Queue::hurry(const JobPtr &job) {
    job->not_before_ms = job->not_before_boot_ms = 0;
    callbacks_.runnable(job->plugin);
}

awaitable<Result<std::shared_ptr<const std::string>>> Queue::event(JobPtr job) {
    if (!job->event) {
        auto bytes = co_await store_.event(job->id);
        if (!bytes) co_return bytes.error();
        job->event = std::make_shared<const std::string>(std::move(*bytes));
    }
    co_return job->event;
}

awaitable<Result<void>> Queue::checkpoint(JobPtr job, std::string bytes) {
    auto saved = co_await store_.checkpoint(job->id, bytes);
    if (saved) job->checkpoint = std::move(bytes);
    co_return saved;
}

awaitable<void> Queue::put_back(JobPtr job, bool charged, std::int64_t wait_ms, bool alone) {
    if (charged) ++job->attempts;
    job->alone = job->alone || alone;
    job->not_before_ms = wait_ms > 0 ? now_ms() + wait_ms : 0;
    job->not_before_boot_ms = wait_ms > 0 ? since_boot_ms() + wait_ms : 0;
    while (recording_.contains(job->id)) co_await recording_.at(job->id)->wait();
    if (!open_.contains(job->id)) co_return; // it could not be recorded and was answered as such
    // If this fails the store still has the job as queued, with an attempt more left: nothing is lost.
    if (charged || wait_ms > 0) co_await store_.requeue(job);
    Line &line = lines_[job->plugin];
    drop(line.running, job);
    job->state = State::queued;
    job->started_ms = 0;
    if (line.left) co_return remove(job);
    const auto at = std::find_if(line.queued.begin(), line.queued.end(),
                                 [&](const JobPtr &other) { return other->place > job->place; });
    line.queued.insert(at, job);
    changed_.wake_all();
    if (wait_ms > 0)
        runnable_later(job->plugin, wait_ms);
    else
        callbacks_.runnable(job->plugin);
}

void Queue::runnable_later(const std::string &plugin, std::int64_t wait_ms) {
    spawn(executor_, "repetition", [](Queue *self, std::string name, std::int64_t ms) -> awaitable<void> {
        co_await pause(std::chrono::milliseconds(ms));
        self->callbacks_.runnable(name);
    }(this, plugin, wait_ms + 1));
}

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
    if (lines_[job->plugin].left && job->answer_recorded) return remove(job);
    callbacks_.answered(job);
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
    if (lines_[job->plugin].left && open_.contains(job->id)) remove(job);
    --answers_to_record_;
    ++changes_; // the erased event is in the log
    changed_.wake_all();
}

void Queue::move_to_answering(const JobPtr &job) {
    Line &line = lines_[job->plugin];
    drop(line.running, job);
    const auto [from, to] = same_.equal_range(job->digest);
    for (auto it = from; it != to; ++it)
        if (it->second == job) {
            same_.erase(it);
            break;
        }
    job->state = State::answering;
    job->event.reset();
    job->checkpoint.reset();
    drop(line.answering, job); // an answer that the link refused is answered anew
    line.answering.push_back(job);
    changed_.wake_all();
}

std::int64_t Queue::time_left_ms(const Job &job) const {
    const auto line = lines_.find(job.plugin);
    const PluginLimits limits = line == lines_.end() ? PluginLimits{} : line->second.limits;
    const std::int64_t most = job.effects ? limits.max_age_ms : limits.max_waited_for_ms;
    return job.created_boot_ms + most - since_boot_ms();
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
        if (ends) callbacks_.ended(job);
    }
}

awaitable<void> Queue::give_up(JobPtr job, std::string problem) {
    job->answer.outcome = State::failed;
    job->answer.problem = std::move(problem);
    if (job->answer_recorded) co_await store_.finish(job); // if that fails, so does what follows, which says so
    const std::vector<JobPtr> jobs{job};
    co_await confirm(jobs);
}

void Queue::remove(const JobPtr &job) {
    Line &line = lines_[job->plugin];
    std::erase(line.queued, job);
    drop(line.running, job);
    drop(line.answering, job);
    const auto [from, to] = same_.equal_range(job->digest);
    for (auto it = from; it != to; ++it)
        if (it->second == job) {
            same_.erase(it);
            break;
        }
    open_.erase(job->id);
    changed_.wake_all();
}

Queue::Counts Queue::counts(const std::string &plugin) const {
    const auto line = lines_.find(plugin);
    if (line == lines_.end()) return {};
    return {line->second.queued.size(), line->second.running.size(), line->second.answering.size()};
}

Queue::Counts Queue::counts() const {
    Counts all;
    for (const auto &[name, line] : lines_) {
        all.queued += line.queued.size();
        all.running += line.running.size();
        all.answering += line.answering.size();
    }
    return all;
}

JobPtr Queue::find(const std::string &id) const {
    const auto job = open_.find(id);
    return job == open_.end() ? nullptr : job->second;
}

awaitable<void> Queue::drained(std::chrono::steady_clock::time_point deadline) {
    for (;;) {
        const Counts now = counts();
        if (now.running + now.answering + answers_to_record_ == 0 || std::chrono::steady_clock::now() >= deadline)
            co_return;
        co_await changed_.wait_until(deadline);
    }
}

} // namespace angod::jobs
