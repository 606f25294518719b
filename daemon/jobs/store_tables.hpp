// The tables of the job store: prepared statements, and the jobs in their rows. Used on the store thread only, and before it
// starts.
#pragma once

#include "jobs/checkpointer.hpp"
#include "jobs/job.hpp"
#include "jobs/sqlite.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace angod::jobs {

/// The database with its statements, prepared once.
struct StoreTables {
    /// Opens the database, or makes it. Throws SqliteError.
    StoreTables(const std::string &path, bool power_safe);
    StoreTables(const StoreTables &) = delete;
    StoreTables &operator=(const StoreTables &) = delete;

    /// Those of a plugin, or of all if the name is empty.
    OpenJobs open_jobs(const std::string &plugin);
    void keep_attempt(const std::string &job, const Attempt &attempt);
    /// Of a job, the oldest first.
    std::vector<Attempt> attempts_of(const std::string &job);
    /// Notes for the jobs that an earlier angod left open that it ended. Throws SqliteError.
    void note_interruption();
    /// See Store::tasks_behind.
    std::vector<JobPtr> tasks_behind(const std::string &plugin, std::int64_t seq);

    struct Statements {
        explicit Statements(Database &db);
        Statement insert, same, waiting, open, tasks, task_counts, queued, event_bytes, event, checkpoint, requeue,
            finish, confirm, is_ready, set_ready, histories, keep_history, list, by_prefix, by_session, old_answers,
            old_jobs, keep_attempt, drop_attempts, attempts;
    };
    Database db;
    bool usable; ///< false: it was written by a newer angod, and there are no statements
    std::optional<Statements> statements;
    std::optional<Checkpointer> checkpointer;
};

/// The job in the present row of a statement that selects the columns of jobs.
JobPtr read_job(const Statement &row);

/// All rows of a statement that selects the columns of JobRow in their order.
std::vector<JobRow> read_rows(Statement &ask);

} // namespace angod::jobs
