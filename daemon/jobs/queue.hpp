// The open jobs in memory, in step with the store: what is waiting, what runs, what is answered.
//
// Used through: record an event, claim the next job, put it back or finish it, hand out answers, confirm them.
// Event loop only.
#pragma once

#include "base/async.hpp"
#include "jobs/job.hpp"
#include "jobs/store.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace angod::jobs {

/// An event as it arrives.
struct NewJob {
    std::string plugin;
    PluginKind kind = PluginKind::input;
    bool effects = false; ///< see has_effects
    std::string session, log_context;
    std::string digest;
    std::shared_ptr<const std::string> event;
    std::string answer_key = {}; ///< see Job
};

struct PluginLimits {
    std::int64_t max_queued = 1000; ///< tasks of workflows do not count
    std::int64_t max_age_ms = 86'400'000;
    std::int64_t max_waited_for_ms = 300'000; ///< the same for runs without effects, whose users sit and wait
};

/// How a job goes back into the queue.
struct PutBack {
    bool charged = false;     ///< the attempt counts
    std::int64_t wait_ms = 0; ///< before the next attempt
    bool isolated = false;    ///< from now on it must be the only job in its host
};

/// Hears what happens in the queue. All functions are called on the event loop and return soon.
class QueueListener {
public:
    virtual ~QueueListener() = default;
    /// claim may have something for the plugin.
    virtual void runnable(const std::string &plugin) = 0;
    /// The answer of the job waits to be sent.
    virtual void answered(const JobPtr &job) = 0;
    /// The answer of the job is confirmed or given up. Called once for each job.
    virtual void ended(const JobPtr &job) = 0;
};

class Queue {
public:
    /// store: outlives it.
    Queue(const asio::any_io_executor &executor, Store &store)
        : executor_(executor), store_(store), changed_(executor) {}
    /// Once, before everything else. The listener is there as long as the event loop turns.
    void set_listener(QueueListener &listener) { listener_ = &listener; }

    void add_plugin(const std::string &plugin, PluginLimits limits);
    /// The limit for the events of all open jobs together.
    void set_max_bytes(std::uint64_t bytes) { max_bytes_ = bytes; }
    /// Takes over what an earlier run of angod left for these plugins: queued jobs run again, answers are sent again.
    /// Jobs of others stay in the store, for a later configuration; they are counted by plugin.
    std::map<std::string, std::size_t> restore(const std::set<std::string> &plugins);

    enum class Recorded {
        fresh,  ///< a new job
        joined, ///< the same event is waiting or running already: its answer serves both
        again,  ///< the same event was answered a short while ago: that answer is sent again
    };
    /// Durable when it returns. A full queue or a failing disk is an error: then nothing was recorded.
    awaitable<Result<Recorded>> record(NewJob event);

    /// Takes up what the store has of a plugin that was not there since the start, or was released.
    awaitable<Result<void>> adopt(std::string plugin);
    /// The plugin is gone. Its open jobs stay in the store, where adopt finds them; what still runs stays there when it
    /// has ended.
    void release(const std::string &plugin);

    /// A job of the plugin that may run now; it is running from then on. Null if there is none. The oldest comes first,
    /// but tasks of workflows and other runs take turns: a user does not wait behind a thousand tasks.
    JobPtr claim(const std::string &plugin);
    /// Claims this one, whatever it waits for. It is queued.
    void take(const JobPtr &job);
    /// A queued job need not wait for its next attempt any longer.
    void retry_now(const JobPtr &job);
    /// The event of a claimed job, from the store if it is not in memory any more.
    awaitable<Result<std::shared_ptr<const std::string>>> event(JobPtr job);
    awaitable<Result<void>> checkpoint(JobPtr job, std::string bytes);
    /// An attempt that goes on: if angod is killed, the store tells of it.
    awaitable<Result<void>> note_attempt(JobPtr job, AttemptPtr attempt) {
        return store_.note_attempt(job->id, std::move(attempt));
    }
    /// A claimed job goes back into the queue, at its old place. The listener hears of that in a later turn of the event
    /// loop.
    awaitable<void> put_back(JobPtr job, PutBack how);
    /// The end of the run: the answer is recorded and handed to the listener. A run without effects need not wait: its
    /// answer is handed out while it is being recorded. If the disk fails, the answer is handed out all the same and
    /// recorded as soon as that works.
    awaitable<void> finish(JobPtr job, Answer answer);
    /// Time until the job is older than its plugin allows; negative: it is.
    std::int64_t time_left_ms(const Job &job) const;

    /// The answers of the plugin that have not been confirmed, oldest first.
    std::vector<JobPtr> answers(const std::string &plugin) const;
    awaitable<void> confirm(std::vector<JobPtr> jobs);
    /// Hub will never take the answer: the job has failed, and problem says why.
    awaitable<void> give_up(JobPtr job, std::string problem);

    struct Counts {
        std::size_t queued = 0, running = 0, answering = 0;
    };
    Counts counts(const std::string &plugin) const;
    Counts counts() const;
    /// How many events were recorded and how many jobs came to their end, together, since the start.
    std::uint64_t changes() const { return changes_; }
    /// The open job of this id; null if there is none in memory.
    JobPtr find(const std::string &id) const;
    /// The same, also for a task that is only in the store: it is in memory from then on.
    awaitable<Result<JobPtr>> bring(std::string id);
    /// Ends when nothing is running and no answer waits or is being recorded, or at the deadline.
    awaitable<void> drained(std::chrono::steady_clock::time_point deadline);
    /// Claims nothing any more.
    void stop_claiming() { claiming_ = false; }

private:
    struct Line {
        PluginLimits limits;
        // Lists: an empty deque takes 600 bytes, and most plugins of a thousand have nothing to do.
        std::list<JobPtr> queued; ///< without tasks of workflows
        std::list<JobPtr> tasks;  ///< the first tasks; the others are only in the store
        std::size_t stored_tasks = 0;
        std::int64_t last_task = 0; ///< Job::seq of the last task that was in memory
        bool tasks_turn = false;    ///< a task is claimed next, if there is one
        bool refilling = false;
        std::vector<JobPtr> running, answering;
        bool released = false; ///< see release

        std::list<JobPtr> &waiting(const Job &job) { return job.is_task() ? tasks : queued; }
        void erase_waiting(const JobPtr &job) { std::erase(waiting(*job), job); }
        std::size_t waiting() const { return queued.size() + tasks.size() + stored_tasks; }
    };
    Line &line(const std::string &plugin) { return lines_[plugin]; }
    JobPtr open_same(const NewJob &event) const;
    void move_to_answering(const JobPtr &job);
    void take_up(const JobPtr &job);
    Result<void> check_room(const NewJob &event, const Line &line) const;
    JobPtr claim_from(Line &line, std::list<JobPtr> &waiting);
    void keep_in_store(Line &line, const JobPtr &job);
    void refill(const std::string &plugin);
    awaitable<void> read_tasks(std::string plugin);
    void remove(const JobPtr &job);
    void runnable_later(const std::string &plugin, std::int64_t wait_ms);
    void hand_out(const JobPtr &job);
    void record_later(const JobPtr &job);
    awaitable<void> record_answer(JobPtr job);

    asio::any_io_executor executor_;
    Store &store_;
    QueueListener *listener_ = nullptr;
    std::map<std::string, Line> lines_;
    std::unordered_map<std::string, JobPtr> open_;                       ///< by id
    std::unordered_multimap<std::string, JobPtr> same_;                  ///< queued and running, by digest
    std::unordered_map<std::string, std::shared_ptr<Signal>> recording_; ///< by id: not durable yet
    Signal changed_;
    std::uint64_t changes_ = 0;
    std::uint64_t last_place_ = 0;
    std::size_t answers_to_record_ = 0; ///< handed out already
    std::uint64_t max_bytes_ = std::uint64_t{4096} << 20;
    std::uint64_t bytes_ = 0; ///< of the events of all open jobs, on the disk
    bool claiming_ = true;
};

} // namespace angod::jobs
