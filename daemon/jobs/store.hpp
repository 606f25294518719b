// The durable record of jobs: SQLite in WAL mode, written by one thread, many requests to a commit.
//
// Every function returns when its effect is durable (against a kill; with power_safe also against a power
// cut), or has failed and left no trace. Called on the event loop.
#pragma once

#include "base/async.hpp"
#include "base/files.hpp"
#include "base/result.hpp"
#include "jobs/job.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace angod::jobs {

class StoreThread;
struct StoreTables;

/// Within this time after its end a repeated event of a kind with effects gets the recorded answer again.
inline constexpr std::int64_t kSameMs = 10 * 60 * 1000;

struct JobFilter {
    std::string id;     ///< empty: all
    std::string plugin; ///< empty: all
    std::optional<State> state;
    std::int64_t limit = 100;
};

class Store {
public:
    /// Opens or makes the store in folder (mode 0700) and holds its lock. A store that is damaged, or of a newer schema, is
    /// refused as invalid.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path &folder, bool power_safe,
                                               const asio::any_io_executor &executor);
    ~Store();

    /// Those of all plugins when the store was opened. Can be called once.
    OpenJobs take_open_jobs() { return std::move(open_jobs_); }
    awaitable<Result<OpenJobs>> open_jobs_of(std::string plugin);
    /// The next waiting tasks of a plugin behind a place in the order of their records (Job::seq), at most kTasksAtOnce.
    awaitable<Result<std::vector<JobPtr>>> tasks_behind(std::string plugin, std::int64_t seq);
    /// A job that is queued in the store; null if there is none of this id.
    awaitable<Result<JobPtr>> queued_job(std::string id);
    /// The bytes of the events of all open jobs when the store was opened.
    std::uint64_t event_bytes() const { return event_bytes_; }

    struct Recorded {
        /// An earlier job with the same event, ended less than kSameMs ago or still queued: nothing was recorded.
        JobPtr same;
        std::int64_t seq = 0; ///< see Job
    };
    /// Where to look for a job with the same event before a new one is recorded.
    struct LookFor {
        bool ended = false, queued = false;
    };
    /// Records a new job with its event.
    awaitable<Result<Recorded>> record(JobPtr job, std::shared_ptr<const std::string> event, LookFor look_for);
    awaitable<Result<std::string>> event(std::string id);
    awaitable<Result<void>> checkpoint(std::string id, std::string bytes);
    /// Back to the queue with the attempts and waiting time that the job has now.
    awaitable<Result<void>> requeue(JobPtr job);
    /// Keeps the job's answer and erases its event, which held the user's API key.
    awaitable<Result<void>> finish(JobPtr job);
    /// The answers have arrived.
    awaitable<Result<void>> confirm(std::vector<JobPtr> jobs);
    awaitable<Result<std::vector<JobRow>>> list(JobFilter filter);
    /// Keeps an attempt that goes on. One that has ended is kept by requeue and finish, see Job::attempt.
    awaitable<Result<void>> note_attempt(std::string id, AttemptPtr attempt);
    /// The oldest first.
    awaitable<Result<std::vector<Attempt>>> attempts(std::string id);
    /// The jobs whose id begins with the text, the newest first; if there is none, those whose session is the text. At most
    /// limit of them.
    awaitable<Result<std::vector<JobRow>>> matching(std::string text, std::int64_t limit);

    /// Facts that survive restarts: "this module hash with these settings could be created".
    awaitable<Result<bool>> is_ready(std::string key);
    awaitable<Result<void>> set_ready(std::string key);
    /// The histories of modules when the store was opened, by module id.
    const std::map<std::string, std::string> &module_histories() const { return module_histories_; }
    awaitable<Result<void>> keep_module_history(std::string id, std::string history);

    /// Removes old copies of other schemas, what is older than retention_days or beyond the last 100,000 jobs, and answers
    /// that can no longer be asked for.
    awaitable<Result<void>> tidy(std::int64_t retention_days);
    /// Folds the write-ahead log into the database, so that erased content is gone from it as well. An error after a
    /// second if another process reads the store meanwhile.
    awaitable<Result<void>> compact();

private:
    Store(files::Lock lock, std::filesystem::path folder, bool power_safe);
    awaitable<Result<Recorded>> insert(JobPtr job, std::shared_ptr<const std::string> event, LookFor look_for);
    void note_interruption();
    void read_open_jobs();
    void add_file_size(Job &job) const;
    awaitable<Result<void>> keep_answer(JobPtr job);
    awaitable<void> remove_event_file(std::string id) const;
    std::filesystem::path event_file(const std::string &id) const;

    files::Lock lock_;
    std::filesystem::path folder_;
    bool power_safe_;
    OpenJobs open_jobs_;
    std::uint64_t event_bytes_ = 0;
    std::map<std::string, std::string> module_histories_;
    std::unique_ptr<StoreTables> tables_; ///< used by the thread only
    std::unique_ptr<StoreThread> thread_;
};

} // namespace angod::jobs
