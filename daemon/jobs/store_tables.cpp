// All statements of the job store. A job is read from the same columns everywhere, so that read_job knows their places. The
// waiting tasks of workflows are read in slices: there can be a hundred thousand of them.
// Thread: the store's own; before it starts, the one that opens the store.
#include "jobs/store_tables.hpp"

#include "base/clock.hpp"
#include "jobs/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::jobs {

namespace {

/// After a restart no stored repetition waits longer than this, whatever the clocks say by then.
constexpr std::int64_t kLongestWaitMs = 86'400'000;

constexpr const char *kJobColumns =
    "id, plugin, kind, session, digest, log_context, state, attempts, created_ms, "
    "not_before_ms, checkpoint, answer, outcome, problem, event IS NULL, effects, answer_key, boot, created_boot_ms, "
    "not_before_boot_ms, seq, length(event)";
/// Of one job: a job can go back into the queue without end.
constexpr std::int64_t kMostAttempts = 50;
/// As read_rows wants them.
constexpr const char *kRowColumns = "id, plugin, session, problem, kind, state, attempts, created_ms, finished_ms";
/// A waiting task of a workflow, see Job::is_task.
constexpr const char *kIsTask = "state = 0 AND kind = 2 AND effects";

/// After a start of the machine only the wall clock can tell.
void set_boot_times(Job &job, std::string_view boot, std::int64_t created, std::int64_t not_before) {
    const std::int64_t now = since_boot_ms();
    const bool comparable = !boot.empty() && boot == boot_id();
    const std::int64_t age = comparable ? now - created : now_ms() - job.created_ms;
    const std::int64_t wait = comparable ? not_before - now : job.not_before_ms - now_ms();
    job.created_boot_ms = now - std::max<std::int64_t>(0, age);
    job.not_before_boot_ms = now + std::clamp<std::int64_t>(wait, 0, kLongestWaitMs);
}

} // namespace

JobPtr read_job(const Statement &row) {
    auto job = std::make_shared<Job>();
    job->id = row.text(0);
    job->plugin = row.text(1);
    job->kind = static_cast<PluginKind>(row.number(2));
    job->session = row.text(3);
    job->digest = row.blob(4);
    job->log_context = row.text(5);
    job->state = static_cast<State>(row.number(6));
    job->attempts = row.number(7);
    job->created_ms = row.number(8);
    job->not_before_ms = row.number(9);
    if (!row.is_null(10)) job->checkpoint = row.blob(10);
    job->answer = {row.text(11), static_cast<State>(row.number(12)), row.text(13)};
    job->answer_recorded = job->state != State::queued;
    job->event_in_file = job->state == State::queued && row.number(14) != 0;
    job->effects = row.number(15) != 0;
    job->answer_key = row.text(16);
    set_boot_times(*job, row.text(17), row.number(18), row.number(19));
    job->seq = row.number(20);
    job->bytes = static_cast<std::uint64_t>(row.number(21)); // 0 if the event is in a file
    return job;
}

std::vector<JobRow> read_rows(Statement &ask) {
    std::vector<JobRow> rows;
    while (ask.step())
        rows.push_back({ask.text(0), ask.text(1), ask.text(2), ask.text(3), static_cast<PluginKind>(ask.number(4)),
                        static_cast<State>(ask.number(5)), ask.number(6), ask.number(7), ask.number(8)});
    ask.reset();
    return rows;
}

StoreTables::StoreTables(const std::string &path, bool power_safe)
    : db(path), usable(prepare_schema(db, path, power_safe)) {
    if (!usable) return;
    statements.emplace(db);
    checkpointer.emplace(path, db);
}

StoreTables::Statements::Statements(Database &db)
    : insert(db, "INSERT INTO jobs(id, plugin, kind, session, digest, log_context, state, attempts, "
                 "created_ms, not_before_ms, event, effects, answer_key, boot, created_boot_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, 0, ?8, ?9, ?10, ?11, ?12)"),
      same(db,
           fmt::format("SELECT {} FROM jobs WHERE session = ?1 AND plugin = ?2 AND digest = ?3 AND "
                       "CASE WHEN ?6 <> '' AND boot = ?6 THEN finished_boot_ms >= ?5 ELSE finished_ms >= ?4 END AND "
                       "answer IS NOT NULL AND effects"
                       " ORDER BY seq DESC LIMIT 1",
                       kJobColumns)
               .c_str()),
      waiting(db, fmt::format("SELECT {} FROM jobs WHERE session = ?1 AND plugin = ?2 AND digest = ?3 AND {} "
                              "LIMIT 1",
                              kJobColumns, kIsTask)
                      .c_str()),
      open(db, fmt::format("SELECT {} FROM jobs WHERE state < 2 AND NOT ({}) AND (?1 = '' OR plugin = ?1) "
                           "ORDER BY seq",
                           kJobColumns, kIsTask)
                   .c_str()),
      tasks(db, fmt::format("SELECT {} FROM jobs WHERE {} AND plugin = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
                            kJobColumns, kIsTask)
                    .c_str()),
      task_counts(db, fmt::format("SELECT plugin, count(*) FROM jobs WHERE {} AND (?1 = '' OR plugin = ?1) "
                                  "GROUP BY plugin",
                                  kIsTask)
                          .c_str()),
      queued(db, fmt::format("SELECT {} FROM jobs WHERE id = ?1 AND state = 0", kJobColumns).c_str()),
      event_bytes(db, "SELECT coalesce(sum(length(event)), 0) FROM jobs WHERE state < 2"),
      event(db, "SELECT event FROM jobs WHERE id = ?1"),
      checkpoint(db, "UPDATE jobs SET checkpoint = ?2 WHERE id = ?1"),
      requeue(db, "UPDATE jobs SET attempts = ?2, not_before_ms = ?3, boot = ?4, created_boot_ms = ?5, "
                  "not_before_boot_ms = ?6 WHERE id = ?1"),
      finish(db, "UPDATE jobs SET state = 1, finished_ms = ?2, answer = ?3, outcome = ?4, problem = ?5, event = NULL,"
                 " checkpoint = NULL, boot = ?6, created_boot_ms = ?7, finished_boot_ms = ?8 WHERE id = ?1"),
      confirm(db, "UPDATE jobs SET state = outcome, answer_key = NULL,"
                  " answer = CASE WHEN ?2 THEN answer ELSE NULL END WHERE id = ?1"),
      is_ready(db, "SELECT 1 FROM ready WHERE fact = ?1"),
      set_ready(db, "INSERT OR REPLACE INTO ready VALUES(?1, ?2)"),
      histories(db, "SELECT id, history FROM module_history"),
      keep_history(db, "INSERT OR REPLACE INTO module_history VALUES(?1, ?2)"),
      list(db, "SELECT id, plugin, session, problem, kind, state, attempts, created_ms, finished_ms, outcome "
               "FROM jobs"
               " WHERE (?1 = '' OR id = ?1) AND (?2 = '' OR plugin = ?2) AND (?3 < 0 OR state = ?3) ORDER BY "
               "seq DESC LIMIT ?4"),
      by_prefix(
          db,
          fmt::format("SELECT {} FROM jobs WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3", kRowColumns).c_str()),
      by_session(db, fmt::format("SELECT {} FROM jobs WHERE session = ?1 OR session = ?2 ORDER BY seq DESC LIMIT ?3",
                                 kRowColumns)
                         .c_str()),
      old_answers(db, "UPDATE jobs SET answer = NULL WHERE state >= 2 AND answer IS NOT NULL AND "
                      "CASE WHEN ?3 <> '' AND boot = ?3 THEN finished_boot_ms < ?2 ELSE finished_ms < ?1 END"),
      old_jobs(db, "DELETE FROM jobs WHERE state >= 2 AND (finished_ms < ?1 OR"
                   " seq <= (SELECT seq FROM jobs ORDER BY seq DESC LIMIT 1 OFFSET ?2))"),
      keep_attempt(db, "INSERT OR REPLACE INTO attempts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      drop_attempts(db, "DELETE FROM attempts WHERE job = ?1 AND started_ms <= "
                        "(SELECT started_ms FROM attempts WHERE job = ?1 ORDER BY started_ms DESC LIMIT 1 OFFSET ?2)"),
      attempts(db, "SELECT started_ms, duration_ms, ended, reason, generation, version, host_pid, log FROM attempts "
                   "WHERE job = ?1 ORDER BY started_ms") {}

void StoreTables::keep_attempt(const std::string &job, const Attempt &one) {
    statements->keep_attempt
        .bind(job, one.started_ms, one.duration_ms, static_cast<std::int64_t>(one.end), one.reason,
              static_cast<std::int64_t>(one.generation), one.version, one.host_pid, one.log)
        .run();
    if (one.end != AttemptEnd::running && one.end != AttemptEnd::succeeded)
        statements->drop_attempts.bind(job, kMostAttempts).run();
}

std::vector<Attempt> StoreTables::attempts_of(const std::string &job) {
    std::vector<Attempt> out;
    Statement &ask = statements->attempts;
    for (ask.bind(job); ask.step();)
        out.push_back({ask.number(0), ask.number(1), static_cast<AttemptEnd>(ask.number(2)), ask.text(3),
                       static_cast<std::uint64_t>(ask.number(4)), ask.text(5), ask.number(6), ask.text(7)});
    ask.reset();
    return out;
}

void StoreTables::note_interruption() {
    const auto ended = static_cast<std::int64_t>(AttemptEnd::interrupted);
    // Of a run that was short, or waited, nothing was noted: one line for all ends of angod tells of it.
    Statement(db, fmt::format("INSERT INTO attempts SELECT id, ?1, 0, ?2, ?3, 0, '', 0, '' FROM jobs WHERE state = 0 "
                              "AND NOT ({}) AND NOT EXISTS (SELECT 1 FROM attempts WHERE job = jobs.id AND "
                              "(ended = 0 OR (ended = ?2 AND host_pid = 0)))",
                              kIsTask)
                      .c_str())
        .bind(now_ms(), ended, "angod ended while the run was open")
        .run();
    Statement(db, "UPDATE attempts SET ended = ?1, reason = ?2 WHERE ended = 0")
        .bind(ended, "angod ended while a host worked on the run")
        .run();
}

OpenJobs StoreTables::open_jobs(const std::string &plugin) {
    OpenJobs out;
    Statement &open = statements->open, &counts = statements->task_counts;
    for (open.bind(plugin); open.step();) out.jobs.push_back(read_job(open));
    open.reset();
    for (counts.bind(plugin); counts.step();) out.tasks[counts.text(0)] = static_cast<std::size_t>(counts.number(1));
    counts.reset();
    for (const auto &[name, count] : out.tasks)
        for (JobPtr &job : tasks_behind(name, 0)) out.jobs.push_back(std::move(job));
    std::sort(out.jobs.begin(), out.jobs.end(), [](const JobPtr &a, const JobPtr &b) { return a->seq < b->seq; });
    return out;
}

std::vector<JobPtr> StoreTables::tasks_behind(const std::string &plugin, std::int64_t seq) {
    Statement &ask = statements->tasks;
    std::vector<JobPtr> jobs;
    for (ask.bind(plugin, seq, kTasksAtOnce); ask.step();) jobs.push_back(read_job(ask));
    ask.reset();
    return jobs;
}

} // namespace angod::jobs
