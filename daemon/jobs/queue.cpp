// The open jobs in memory, in step with the store.
//
// Each plugin has a line: what waits, what runs, what is answered. A job is durable before its event is acknowledged;
// a run without effects starts before that. The same event, once more, joins the open job or gets its recorded answer.
// Invariant: each open job is in open_, in exactly one list of its line, and in same_ until it is answered.
// Thread: the event loop; the store has its own. See queue_answers.cpp for the second half of a job's life.
#include "jobs/queue.hpp"

#include "base/clock.hpp"
#include "base/ids.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::jobs {

namespace {

/// Longer events of waiting jobs are read from the store when their turn comes.
constexpr std::size_t kKeepInMemory = 16 * 1024;

} // namespace

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
    lines_[plugin].released = false;
    auto stored = co_await store_.open_jobs_of(plugin);
    if (!stored) co_return stored.error();
    for (const JobPtr &job : *stored)
        if (!open_.contains(job->id)) take_up(job);
    co_return Result<void>();
}

void Queue::release(const std::string &plugin) {
    Line &line = lines_[plugin];
    line.released = true;
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
    // A run without effects may start while it is being recorded; its answer waits for the record. Running it may drop
    // the event from the job.
    const auto text = job->event;
    if (!job->effects) listener_->runnable(job->plugin);

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
        listener_->answered(answer);
        co_return Recorded::again;
    }
    ++changes_;
    if (job->event && job->event->size() > kKeepInMemory && job->state == State::queued) job->event.reset();
    if (line.released && job->state == State::queued)
        remove(job); // the store has it
    else if (job->effects)
        listener_->runnable(job->plugin);
    co_return Recorded::fresh;
}

JobPtr Queue::claim(const std::string &plugin) {
    if (!claiming_) return nullptr;
    Line &line = lines_[plugin];
    const std::int64_t now = since_boot_ms();
    // Isolated jobs run one after the other. Those that wait for their turn hold up no other job.
    const bool has_isolated =
        std::any_of(line.running.begin(), line.running.end(), [](const JobPtr &job) { return job->isolated; });
    for (auto it = line.queued.begin(); it != line.queued.end(); ++it) {
        const JobPtr job = *it;
        if (job->not_before_boot_ms > now || (job->effects && recording_.contains(job->id))) continue;
        if (job->isolated && has_isolated) continue;
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

void Queue::retry_now(const JobPtr &job) {
    job->not_before_ms = job->not_before_boot_ms = 0;
    listener_->runnable(job->plugin);
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

awaitable<void> Queue::put_back(JobPtr job, PutBack how) {
    if (how.charged) ++job->attempts;
    job->isolated = job->isolated || how.isolated;
    job->not_before_ms = how.wait_ms > 0 ? now_ms() + how.wait_ms : 0;
    job->not_before_boot_ms = how.wait_ms > 0 ? since_boot_ms() + how.wait_ms : 0;
    while (recording_.contains(job->id)) co_await recording_.at(job->id)->wait();
    if (!open_.contains(job->id)) co_return; // it could not be recorded and was answered as such
    // If this fails the store still has the job as queued, with an attempt more left: nothing is lost.
    if (how.charged || how.wait_ms > 0) co_await store_.requeue(job);
    Line &line = lines_[job->plugin];
    std::erase(line.running, job);
    job->state = State::queued;
    job->started_ms = 0;
    if (line.released) co_return remove(job);
    const auto at = std::find_if(line.queued.begin(), line.queued.end(),
                                 [&](const JobPtr &other) { return other->place > job->place; });
    line.queued.insert(at, job);
    changed_.wake_all();
    // Not at once: those that put it back may want to take it out again, see Run::put_back.
    if (how.wait_ms > 0)
        runnable_later(job->plugin, how.wait_ms);
    else
        asio::post(executor_, [this, plugin = job->plugin] { listener_->runnable(plugin); });
}

void Queue::runnable_later(const std::string &plugin, std::int64_t wait_ms) {
    spawn(executor_, "repetition", [](Queue *self, std::string name, std::int64_t ms) -> awaitable<void> {
        co_await pause(std::chrono::milliseconds(ms));
        self->listener_->runnable(name);
    }(this, plugin, wait_ms + 1));
}

std::int64_t Queue::time_left_ms(const Job &job) const {
    const auto line = lines_.find(job.plugin);
    const PluginLimits limits = line == lines_.end() ? PluginLimits{} : line->second.limits;
    const std::int64_t most = job.effects ? limits.max_age_ms : limits.max_waited_for_ms;
    return job.created_boot_ms + most - since_boot_ms();
}

void Queue::remove(const JobPtr &job) {
    Line &line = lines_[job->plugin];
    std::erase(line.queued, job);
    std::erase(line.running, job);
    std::erase(line.answering, job);
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
