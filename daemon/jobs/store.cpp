// The durable record of jobs.
//
// Each function hands a piece of work to the store thread and returns when the transaction with it is committed. Long
// events lie in files beside the database: written before the record of their job is committed, removed after the end
// of the job is. A kill in between leaves a file without a job, which the next start removes; never a job without its
// event.
// Invariant: Tables, the statements, are used on the store thread only. API keys are erased with the event or with the
// delivery, and overwritten (secure_delete).
// Threads: called on the event loop; the work is done on the store thread.
#include "jobs/store.hpp"

#include "base/clock.hpp"
#include "jobs/checkpointer.hpp"
#include "jobs/schema.hpp"
#include "jobs/store_thread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace angod::jobs {

namespace {

/// Longer events lie in a file of their own, so that the database stays small and its writer quick.
constexpr std::size_t kInlineEvent = 256 * 1024;
constexpr std::uint64_t kMaxEvent = 1u << 30;
constexpr std::int64_t kMaxJobs = 100'000;
/// For the checkpointer, which is quick, and for other processes that read. All other requests wait meanwhile.
constexpr std::chrono::seconds kCompactPatience{1};
/// After a restart no stored repetition waits longer than this, whatever the clocks say by then.
constexpr std::int64_t kLongestWaitMs = 86'400'000;

constexpr const char *kJobColumns =
    "id, plugin, kind, session, digest, log_context, state, attempts, created_ms, "
    "not_before_ms, checkpoint, answer, outcome, problem, event IS NULL, effects, answer_key, boot, created_boot_ms, "
    "not_before_boot_ms";

/// After a start of the machine only the wall clock can tell.
void set_boot_times(Job &job, std::string_view boot, std::int64_t created, std::int64_t not_before) {
    const std::int64_t now = since_boot_ms();
    const bool comparable = !boot.empty() && boot == boot_id();
    const std::int64_t age = comparable ? now - created : now_ms() - job.created_ms;
    const std::int64_t wait = comparable ? not_before - now : job.not_before_ms - now_ms();
    job.created_boot_ms = now - std::max<std::int64_t>(0, age);
    job.not_before_boot_ms = now + std::clamp<std::int64_t>(wait, 0, kLongestWaitMs);
}

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
    return job;
}

} // namespace

std::optional<State> state_of(std::string_view name) {
    for (const State state :
         {State::queued, State::running, State::answering, State::done, State::failed, State::cancelled})
        if (name_of(state) == name) return state;
    return std::nullopt;
}

/// The statements, prepared once. Used on the store thread only.
struct Store::Tables {
    explicit Tables(const std::string &path, bool power_safe) : db(path), usable(prepare_schema(db, power_safe)) {
        if (!usable) return;
        statements.emplace(db);
        checkpointer.emplace(path, db);
    }
    struct Statements {
        explicit Statements(Database &db)
            : insert(db, "INSERT INTO jobs(id, plugin, kind, session, digest, log_context, state, attempts, "
                         "created_ms, not_before_ms, event, effects, answer_key, boot, created_boot_ms)"
                         " VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, 0, ?8, ?9, ?10, ?11, ?12)"),
              same(db,
                   fmt::format(
                       "SELECT {} FROM jobs WHERE session = ?1 AND plugin = ?2 AND digest = ?3 AND "
                       "CASE WHEN ?6 <> '' AND boot = ?6 THEN finished_boot_ms >= ?5 ELSE finished_ms >= ?4 END AND "
                       "answer IS NOT NULL AND effects"
                       " ORDER BY seq DESC LIMIT 1",
                       kJobColumns)
                       .c_str()),
              open(db, fmt::format("SELECT {} FROM jobs WHERE state < 2 ORDER BY seq", kJobColumns).c_str()),
              open_of(
                  db,
                  fmt::format("SELECT {} FROM jobs WHERE state < 2 AND plugin = ?1 ORDER BY seq", kJobColumns).c_str()),
              event(db, "SELECT event FROM jobs WHERE id = ?1"),
              checkpoint(db, "UPDATE jobs SET checkpoint = ?2 WHERE id = ?1"),
              requeue(db, "UPDATE jobs SET attempts = ?2, not_before_ms = ?3, boot = ?4, created_boot_ms = ?5, "
                          "not_before_boot_ms = ?6 WHERE id = ?1"),
              finish(
                  db,
                  "UPDATE jobs SET state = 1, finished_ms = ?2, answer = ?3, outcome = ?4, problem = ?5, event = NULL,"
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
              old_answers(db, "UPDATE jobs SET answer = NULL WHERE state >= 2 AND answer IS NOT NULL AND "
                              "CASE WHEN ?3 <> '' AND boot = ?3 THEN finished_boot_ms < ?2 ELSE finished_ms < ?1 END"),
              old_jobs(db, "DELETE FROM jobs WHERE state >= 2 AND (finished_ms < ?1 OR"
                           " seq <= (SELECT seq FROM jobs ORDER BY seq DESC LIMIT 1 OFFSET ?2))") {}
        Statement insert, same, open, open_of, event, checkpoint, requeue, finish, confirm, is_ready, set_ready,
            histories, keep_history, list, old_answers, old_jobs;
    };
    Database db;
    bool usable;
    std::optional<Statements> statements;
    std::optional<Checkpointer> checkpointer;
};

Store::Store(files::Lock lock, std::filesystem::path folder, bool power_safe)
    : lock_(std::move(lock)), folder_(std::move(folder)), power_safe_(power_safe) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path &folder, bool power_safe,
                                           const asio::any_io_executor &executor) {
    if (auto made = files::make_private_folder(folder); !made) return made.error();
    auto lock = files::Lock::take(folder / "lock");
    if (!lock) {
        if (lock.error().code == Code::full)
            return error(Code::full, fmt::format("another angod is using the state_dir {}", folder.string()));
        return lock.error();
    }
    if (auto made = files::make_private_folder(folder / "events"); !made) return made.error();
    auto store = std::unique_ptr<Store>(new Store(std::move(*lock), folder, power_safe));
    try {
        const std::string path = (folder / "jobs.db").string();
        store->tables_ = std::make_unique<Tables>(path, power_safe);
        if (!store->tables_->usable)
            return error(
                Code::invalid,
                fmt::format("{} was written by a newer angod; install that version again or move the file away", path));
        std::error_code ignored; // the folder itself is private already
        for (const char *suffix : {"", "-wal", "-shm"})
            std::filesystem::permissions(path + suffix, std::filesystem::perms(0600), ignored);
        Statement &open = store->tables_->statements->open;
        for (open.reset(); open.step();) store->open_jobs_.push_back(read_job(open));
        open.reset();
        Statement &histories = store->tables_->statements->histories;
        while (histories.step()) store->module_histories_[histories.text(0)] = histories.text(1);
        histories.reset();
        store->thread_ = std::make_unique<StoreThread>(store->tables_->db, executor);
    } catch (const SqliteError &e) {
        return wrap((folder / "jobs.db").string(), store_error(e));
    }
    // A kill may have left files whose record was never committed, or whose job has ended.
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(folder / "events", ignored)) {
        bool needed = false;
        for (const JobPtr &job : store->open_jobs_)
            needed = needed || (job->state == State::queued && job->id == entry.path().filename().string());
        if (!needed) files::remove_all(entry.path());
    }
    return store;
}

std::filesystem::path Store::event_file(const std::string &id) const { return folder_ / "events" / id; }

awaitable<Result<Store::Recorded>> Store::record(JobPtr job, std::shared_ptr<const std::string> event,
                                                 bool look_for_same) {
    job->event_in_file = event->size() > kInlineEvent;
    auto recorded = co_await insert(job, std::move(event), look_for_same);
    // The transaction may have failed after it was written.
    if (!recorded && job->event_in_file) files::remove_all(event_file(job->id));
    co_return recorded;
}

awaitable<Result<Store::Recorded>> Store::insert(JobPtr job, std::shared_ptr<const std::string> event,
                                                 bool look_for_same) {
    // The job belongs to the event loop, which may change it meanwhile: only its constant members are read here.
    return thread_->submit(
        [this, job, event = std::move(event), look_for_same, in_file = job->event_in_file]() -> Result<Recorded> {
            auto &s = *tables_->statements;
            if (look_for_same) {
                s.same.bind(job->session, job->plugin, Statement::as_blob(job->digest), job->created_ms - kSameMs,
                            job->created_boot_ms - kSameMs, boot_id());
                const bool found = s.same.step();
                Recorded recorded{found ? read_job(s.same) : nullptr};
                s.same.reset();
                if (found) return recorded;
            }
            if (in_file)
                if (auto kept = files::replace(event_file(job->id), *event, power_safe_); !kept) return kept.error();
            const std::optional<Statement::Blob> inline_event =
                in_file ? std::nullopt : std::optional(Statement::as_blob(*event));
            const std::optional<std::string_view> answer_key =
                job->answer_key.empty() ? std::nullopt : std::optional<std::string_view>(job->answer_key);
            s.insert.bind(job->id, job->plugin, static_cast<std::int64_t>(job->kind), job->session,
                          Statement::as_blob(job->digest), job->log_context, job->created_ms, inline_event,
                          static_cast<std::int64_t>(job->effects), answer_key, boot_id(), job->created_boot_ms);
            s.insert.run();
            return Recorded{};
        });
}

awaitable<Result<std::vector<JobPtr>>> Store::open_jobs_of(std::string plugin) {
    return thread_->submit(
        [this, plugin = std::move(plugin)]() -> Result<std::vector<JobPtr>> {
            Statement &ask = tables_->statements->open_of;
            std::vector<JobPtr> jobs;
            for (ask.bind(plugin); ask.step();) jobs.push_back(read_job(ask));
            ask.reset();
            return jobs;
        },
        StoreThread::kReads);
}

awaitable<Result<std::string>> Store::event(std::string id) {
    return thread_->submit(
        [this, id = std::move(id)]() -> Result<std::string> {
            Statement &ask = tables_->statements->event;
            ask.bind(id);
            const bool found = ask.step();
            const bool elsewhere = found && ask.is_null(0);
            std::string bytes = found && !elsewhere ? ask.blob(0) : std::string();
            ask.reset();
            if (!found) return error(Code::not_found, "the job is not in the store");
            if (elsewhere) return files::read(event_file(id), kMaxEvent);
            return bytes;
        },
        StoreThread::kReads);
}

awaitable<Result<void>> Store::checkpoint(std::string id, std::string bytes) {
    return thread_->submit([this, id = std::move(id), bytes = std::move(bytes)]() -> Result<void> {
        tables_->statements->checkpoint.bind(id, Statement::as_blob(bytes)).run();
        return {};
    });
}

awaitable<Result<void>> Store::requeue(JobPtr job) {
    return thread_->submit([this, id = job->id, attempts = job->attempts, not_before = job->not_before_ms,
                            created_boot = job->created_boot_ms,
                            not_before_boot = job->not_before_boot_ms]() -> Result<void> {
        tables_->statements->requeue.bind(id, attempts, not_before, boot_id(), created_boot, not_before_boot).run();
        return {};
    });
}

awaitable<Result<void>> Store::finish(JobPtr job) {
    const auto done = co_await keep_answer(job);
    // Not before the commit: until then the job may have to run again.
    if (done && job->event_in_file) files::remove_all(event_file(job->id));
    co_return done;
}

awaitable<Result<void>> Store::keep_answer(JobPtr job) {
    return thread_->submit(
        [this, id = job->id, answer = job->answer, created_boot = job->created_boot_ms]() -> Result<void> {
            tables_->statements->finish
                .bind(id, now_ms(), answer.message, static_cast<std::int64_t>(answer.outcome), answer.problem,
                      boot_id(), created_boot, since_boot_ms())
                .run();
            return {};
        });
}

awaitable<Result<void>> Store::confirm(std::vector<JobPtr> jobs) {
    struct Item {
        std::string id;
        bool keep_answer;
    };
    std::vector<Item> items;
    for (const JobPtr &job : jobs) items.push_back({job->id, job->effects});
    return thread_->submit([this, items = std::move(items)]() -> Result<void> {
        for (const Item &item : items)
            tables_->statements->confirm.bind(item.id, static_cast<std::int64_t>(item.keep_answer)).run();
        return {};
    });
}

awaitable<Result<std::vector<JobRow>>> Store::list(JobFilter filter) {
    return thread_->submit(
        [this, filter = std::move(filter)]() -> Result<std::vector<JobRow>> {
            // Only the queue knows which of the queued jobs run. The caller asks it.
            const State wanted = filter.state == State::running ? State::queued : filter.state.value_or(State::queued);
            const std::int64_t state = filter.state ? static_cast<std::int64_t>(wanted) : -1;
            Statement &ask = tables_->statements->list;
            ask.bind(filter.id, filter.plugin, state, filter.limit);
            std::vector<JobRow> rows;
            while (ask.step())
                rows.push_back({ask.text(0), ask.text(1), ask.text(2), ask.text(3),
                                static_cast<PluginKind>(ask.number(4)), static_cast<State>(ask.number(5)),
                                ask.number(6), ask.number(7), ask.number(8)});
            ask.reset();
            return rows;
        },
        StoreThread::kReads);
}

awaitable<Result<bool>> Store::is_ready(std::string key) {
    return thread_->submit(
        [this, key = std::move(key)]() -> Result<bool> {
            Statement &ask = tables_->statements->is_ready;
            const bool found = ask.bind(key).step();
            ask.reset();
            return found;
        },
        StoreThread::kReads);
}

awaitable<Result<void>> Store::set_ready(std::string key) {
    return thread_->submit([this, key = std::move(key)]() -> Result<void> {
        tables_->statements->set_ready.bind(key, now_ms()).run();
        return {};
    });
}

awaitable<Result<void>> Store::keep_module_history(std::string id, std::string history) {
    return thread_->submit([this, id = std::move(id), history = std::move(history)]() -> Result<void> {
        tables_->statements->keep_history.bind(id, history).run();
        return {};
    });
}

awaitable<Result<void>> Store::tidy(std::int64_t retention_days) {
    return thread_->submit([this, retention_days]() -> Result<void> {
        tables_->statements->old_answers.bind(now_ms() - kSameMs, since_boot_ms() - kSameMs, boot_id()).run();
        tables_->statements->old_jobs.bind(now_ms() - retention_days * 86'400'000, kMaxJobs).run();
        return {};
    });
}

awaitable<Result<void>> Store::compact() {
    return thread_->submit(
        [this]() -> Result<void> {
            sqlite3 *const db = tables_->db.raw();
            const auto deadline = std::chrono::steady_clock::now() + kCompactPatience;
            sqlite3_busy_timeout(db, 0);
            int result = sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
            while (result == SQLITE_BUSY && std::chrono::steady_clock::now() < deadline) {
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                result = sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
            }
            sqlite3_busy_timeout(db, Database::kBusyMs);
            if (result == SQLITE_BUSY)
                return error(Code::io, "the job store cannot be compacted while another process is reading it");
            if (result != SQLITE_OK) throw SqliteError(db, "compacting the job store");
            return {};
        },
        true);
}

} // namespace angod::jobs
