// The open jobs in memory, in step with the store.
//
// Each plugin has a line: what waits, what runs, what is answered. A job is durable before its event is acknowledged;
// a run without effects starts before that. The same event, once more, joins the open job or gets its recorded answer.
// A workflow can send a hundred thousand tasks at once. Only the first of them are in memory; the others are counted, and
// read from the store when their turn comes nearer.
// Invariant: each open job in memory is in open_, in exactly one list of its line, and in same_ until it is answered.
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
/// With more tasks than that in memory, new ones stay in the store; with fewer than half of it, some are read.
constexpr std::size_t kMostTasks = kTasksAtOnce;
constexpr auto kReadAgain = std::chrono::seconds(1);

JobPtr job_of(NewJob event) {
    auto job = std::make_shared<Job>();
    job->id = new_id();
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
    job->bytes = job->event->size();
    return job;
}

} // namespace

void Queue::add_plugin(const std::string &plugin, PluginLimits limits) { line(plugin).limits = limits; }

std::map<std::string, std::size_t> Queue::restore(const std::set<std::string> &plugins) {
    bytes_ = store_.event_bytes();
    std::map<std::string, std::size_t> left;
    OpenJobs open = store_.take_open_jobs();
    for (const auto &[plugin, tasks] : open.tasks)
        (plugins.contains(plugin) ? lines_[plugin].stored_tasks : left[plugin]) += tasks;
    for (const JobPtr &job : open.jobs) {
        if (plugins.contains(job->plugin))
            take_up(job);
        else if (!job->is_task() || job->state != State::queued)
            ++left[job->plugin];
    }
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
    if (job->is_task()) {
        line.stored_tasks -= std::min<std::size_t>(line.stored_tasks, 1);
        line.last_task = std::max(line.last_task, job->seq);
    }
    line.waiting(*job).push_back(job);
    same_.emplace(job->digest, job);
    const std::int64_t wait = job->not_before_boot_ms - since_boot_ms();
    if (wait > 0) runnable_later(job->plugin, wait);
}

awaitable<Result<void>> Queue::adopt(std::string plugin) {
    lines_[plugin].released = false;
    auto stored = co_await store_.open_jobs_of(plugin);
    if (!stored) co_return stored.error();
    Line &line = lines_[plugin];
    // Those that still run count as tasks in the store, where they are queued.
    const auto in_memory =
        std::count_if(line.running.begin(), line.running.end(), [](const JobPtr &job) { return job->is_task(); });
    const std::size_t tasks = stored->tasks[plugin] - std::min(stored->tasks[plugin], line.tasks.size() + in_memory);
    line.stored_tasks = tasks;
    for (const JobPtr &job : stored->jobs)
        if (!open_.contains(job->id)) take_up(job);
    // A task that was being recorded at the release may be far behind the others: they must not be passed over.
    if (line.stored_tasks > 0)
        for (const JobPtr &job : stored->jobs)
            if (job->is_task() && job->state == State::queued) line.last_task = job->seq;
    co_return Result<void>();
}

void Queue::release(const std::string &plugin) {
    Line &line = lines_[plugin];
    line.released = true;
    std::vector<JobPtr> waiting(line.queued.begin(), line.queued.end());
    waiting.insert(waiting.end(), line.tasks.begin(), line.tasks.end());
    const std::vector<JobPtr> answering = line.answering;
    for (const JobPtr &job : waiting)
        if (!recording_.contains(job->id)) remove(job);
    line.stored_tasks = 0;
    line.last_task = 0;
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
    if (const auto room = check_room(event, line); !room) co_return room.error();
    const JobPtr job = job_of(std::move(event));
    job->place = ++last_place_;
    bytes_ += job->bytes;
    open_[job->id] = job;
    same_.emplace(job->digest, job);
    line.waiting(*job).push_back(job);
    const auto recorded_signal = recording_[job->id] = std::make_shared<Signal>(executor_);
    // A run without effects may start while it is being recorded; its answer waits for the record. Running it may drop
    // the event from the job.
    const auto text = job->event;
    if (!job->effects) listener_->runnable(job->plugin);

    // Of a task that is only in the store, memory knows nothing: the store looks for the same event.
    const Store::LookFor look_for{job->effects, job->is_task() && line.stored_tasks > 0};
    const auto stored = co_await store_.record(job, text, look_for);
    recording_.erase(job->id);
    if (!stored || stored->same) {
        bytes_ -= std::exchange(job->bytes, 0);
        remove(job);
    }
    recorded_signal->wake_all();
    if (!stored) co_return stored.error();
    if (const JobPtr same = stored->same) {
        if (same->state == State::queued) co_return Recorded::joined;
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
    job->seq = stored->seq;
    if (job->event && job->event->size() > kKeepInMemory && job->state == State::queued) job->event.reset();
    if (line.released && job->state == State::queued)
        remove(job); // the store has it
    else if (job->is_task() && (line.stored_tasks > 0 || line.tasks.size() > kMostTasks))
        keep_in_store(line, job);
    else if (job->effects) {
        if (job->is_task()) line.last_task = std::max(line.last_task, job->seq);
        listener_->runnable(job->plugin);
    }
    co_return Recorded::fresh;
}

Result<void> Queue::check_room(const NewJob &event, const Line &line) const {
    const bool is_task = event.kind == PluginKind::model && event.effects;
    if (!is_task && line.queued.size() >= static_cast<std::size_t>(line.limits.max_queued))
        return error(Code::full, fmt::format("{} runs of this plugin are waiting already", line.queued.size()));
    if (event.event->size() > max_bytes_ - std::min(bytes_, max_bytes_))
        return error(Code::full,
                     fmt::format("the events of all waiting runs take {} MB of the {} MB that limits.queue_mb "
                                 "allows",
                                 bytes_ >> 20, max_bytes_ >> 20));
    return {};
}

/// Forgets a task that is recorded, if nobody has claimed it meanwhile.
void Queue::keep_in_store(Line &line, const JobPtr &job) {
    if (job->state != State::queued) return; // tasks before it may be in the store, so last_task must not pass them
    remove(job);
    ++line.stored_tasks;
    refill(job->plugin);
}

/// Reads tasks from the store if few are left in memory.
void Queue::refill(const std::string &plugin) {
    Line &line = lines_[plugin];
    if (line.stored_tasks == 0 || line.tasks.size() > kMostTasks / 2 || line.released) return;
    if (std::exchange(line.refilling, true)) return;
    spawn(executor_, "reading tasks", read_tasks(plugin));
}

awaitable<void> Queue::read_tasks(std::string plugin) {
    const auto stored = co_await store_.tasks_behind(plugin, lines_[plugin].last_task);
    Line &line = lines_[plugin];
    line.refilling = false;
    if (!stored) {
        Log().with("plugin", plugin).error("its waiting tasks cannot be read; trying again: {}", stored.error().text);
        co_await pause(kReadAgain);
        co_return refill(plugin);
    }
    if (line.released) co_return;
    for (const JobPtr &job : *stored) {
        line.last_task = std::max(line.last_task, job->seq);
        if (!open_.contains(job->id)) take_up(job);
    }
    if (stored->empty()) line.stored_tasks = 0; // what was missing was brought into memory one by one
    listener_->runnable(plugin);
}

awaitable<Result<JobPtr>> Queue::bring(std::string id) {
    if (const JobPtr job = find(id)) co_return job;
    const auto stored = co_await store_.queued_job(id);
    if (!stored) co_return stored.error();
    if (const JobPtr job = find(id)) co_return job;
    if (!*stored || !(*stored)->is_task()) co_return JobPtr();
    const auto found = lines_.find((*stored)->plugin);
    if (found == lines_.end() || found->second.stored_tasks == 0) co_return JobPtr(); // its plugin is not configured
    Line &line = found->second;
    const std::int64_t last = line.last_task;
    take_up(*stored);
    line.last_task = last; // there are others before it
    co_return *stored;
}

JobPtr Queue::claim(const std::string &plugin) {
    if (!claiming_) return nullptr;
    Line &line = lines_[plugin];
    JobPtr job = line.tasks_turn ? claim_from(line, line.tasks) : nullptr;
    if (!job) job = claim_from(line, line.queued);
    if (!job && !line.tasks_turn) job = claim_from(line, line.tasks);
    if (!job) return nullptr;
    line.tasks_turn = !job->is_task();
    if (job->is_task()) refill(plugin);
    return job;
}

JobPtr Queue::claim_from(Line &line, std::list<JobPtr> &waiting) {
    const std::int64_t now = since_boot_ms();
    // Isolated jobs run one after the other. Those that wait for their turn hold up no other job.
    const bool has_isolated =
        std::any_of(line.running.begin(), line.running.end(), [](const JobPtr &job) { return job->isolated; });
    for (auto it = waiting.begin(); it != waiting.end(); ++it) {
        const JobPtr job = *it;
        if (job->not_before_boot_ms > now || (job->effects && recording_.contains(job->id))) continue;
        if (job->isolated && has_isolated) continue;
        waiting.erase(it);
        line.running.push_back(job);
        job->state = State::running;
        job->started_ms = now_ms();
        return job;
    }
    return nullptr;
}

void Queue::take(const JobPtr &job) {
    Line &line = lines_[job->plugin];
    line.erase_waiting(job);
    line.running.push_back(job);
    job->state = State::running;
    job->started_ms = now_ms();
    if (job->is_task()) refill(job->plugin);
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
    if (how.charged || how.wait_ms > 0 || job->attempt) co_await store_.requeue(job);
    job->attempt.reset();
    Line &line = lines_[job->plugin];
    std::erase(line.running, job);
    job->state = State::queued;
    job->started_ms = 0;
    if (line.released) co_return remove(job);
    auto &waiting = line.waiting(*job);
    const auto at =
        std::find_if(waiting.begin(), waiting.end(), [&](const JobPtr &other) { return other->place > job->place; });
    waiting.insert(at, job);
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
    line.erase_waiting(job);
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
    return {line->second.waiting(), line->second.running.size(), line->second.answering.size()};
}

Queue::Counts Queue::counts() const {
    Counts all;
    for (const auto &[name, line] : lines_) {
        all.queued += line.waiting();
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
