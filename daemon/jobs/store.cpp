// The durable record of jobs.
//
// Each function hands a piece of work to the store thread and returns when the transaction with it is committed. Long
// events lie in files beside the database: written before the record of their job is committed, removed after the end
// of the job is. A kill in between leaves a file without a job, which the next start removes; never a job without its
// event.
// Invariant: StoreTables is used on the store thread only. API keys are erased with the event or with the
// delivery, and overwritten (secure_delete).
// Threads: called on the event loop; the work is done on the store thread.
#include "jobs/store.hpp"

#include "base/clock.hpp"
#include "base/disk_call.hpp"
#include "base/file_access.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "jobs/schema.hpp"
#include "jobs/store_folder.hpp"
#include "jobs/store_tables.hpp"
#include "jobs/store_thread.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace angod::jobs {

namespace {

/// Longer events lie in a file of their own, so that the database stays small and its writer quick.
constexpr std::size_t kInlineEvent = 256 * 1024;
constexpr std::uint64_t kMaxEvent = 1u << 30;
constexpr std::int64_t kMaxJobs = 100'000;
/// For the checkpointer, which is quick, and for other processes that read. All other requests wait meanwhile.
constexpr std::chrono::seconds kCompactPatience{1};
/// A file system that has not answered for so long is not waited for.
constexpr std::chrono::seconds kRemoveLimit{10};

} // namespace

std::optional<State> state_of(std::string_view name) {
    for (const State state :
         {State::queued, State::running, State::answering, State::done, State::failed, State::cancelled})
        if (name_of(state) == name) return state;
    return std::nullopt;
}

Store::Store(files::Lock lock, std::filesystem::path folder, bool power_safe)
    : lock_(std::move(lock)), folder_(std::move(folder)), power_safe_(power_safe) {}

Store::~Store() {
    thread_.reset();
    // Before the database is closed: a log that is still there after that does no harm.
    std::error_code ignored;
    if (tables_) std::filesystem::remove(folder_ / kInUse, ignored);
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path &folder, bool power_safe,
                                           const asio::any_io_executor &executor) {
    if (const auto problems = access_problems(folder); !problems.empty())
        return error(Code::io, fmt::format("{}", fmt::join(problems, "; ")));
    if (auto made = files::make_private_folder(folder); !made) return made.error();
    auto lock = files::Lock::take(folder / kLock);
    if (!lock) {
        if (lock.error().code == Code::full)
            return error(Code::full, fmt::format("another angod is using the state_dir {}", folder.string()));
        return lock.error();
    }
    if (auto made = files::make_private_folder(folder / kEvents); !made) return made.error();
    if (auto finished = finish_salvage(folder); !finished) return finished.error();
    if (auto usable = examine(folder); !usable) return usable.error();
    if (is_log_missing(folder))
        Log().warning(
            "{}-wal is missing, although angod did not close the store; if the file was deleted, the last runs "
            "and answers are lost",
            (folder / kDatabase).string());
    auto store = std::unique_ptr<Store>(new Store(std::move(*lock), folder, power_safe));
    try {
        const std::string path = (folder / kDatabase).string();
        store->tables_ = std::make_unique<StoreTables>(path, power_safe);
        if (!store->tables_->usable) return error(Code::invalid, newer_sentence(path));
        std::error_code ignored; // the folder itself is private already
        for (const char *suffix : {"", "-wal", "-shm"})
            std::filesystem::permissions(path + suffix, std::filesystem::perms(0600), ignored);
        store->note_interruption();
        store->read_open_jobs();
        Statement &histories = store->tables_->statements->histories;
        while (histories.step()) store->module_histories_[histories.text(0)] = histories.text(1);
        histories.reset();
        // Without bytes, so that a full disk has room for it. Without it, only a warning of a later start is lost.
        if (auto marked = files::replace(folder / kInUse, "", false); !marked) Log().info("{}", marked.error().text);
        store->thread_ = std::make_unique<StoreThread>(store->tables_->db, executor);
    } catch (const SqliteError &e) {
        if (e.is_damage()) return error(Code::invalid, damage_sentence(folder / kDatabase, e.reason));
        Error failure = wrap((folder / kDatabase).string(), store_error(e));
        if (const auto full = files::space_problem(folder, kLeastSpace)) failure.text += "; " + *full;
        return failure;
    } catch (const std::runtime_error &e) {
        return error(Code::io, e.what());
    }
    return store;
}

/// Before the store thread starts. A full disk does not keep angod from starting.
void Store::note_interruption() {
    try {
        tables_->note_interruption();
    } catch (const SqliteError &e) {
        Log().warning("the store does not tell which runs angod's last end interrupted: {}", store_error(e).text);
    }
}

/// Before the store thread starts.
void Store::read_open_jobs() {
    open_jobs_ = tables_->open_jobs("");
    Statement &bytes = tables_->statements->event_bytes;
    bytes.step();
    event_bytes_ = static_cast<std::uint64_t>(bytes.number(0));
    bytes.reset();
    // A kill may have left files whose record was never committed, or whose job has ended.
    Statement &queued = tables_->statements->queued;
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(folder_ / kEvents, ignored)) {
        const bool needed = queued.bind(entry.path().filename().string()).step();
        queued.reset();
        std::error_code failed;
        const auto size = needed ? std::filesystem::file_size(entry.path(), failed) : 0;
        if (!needed)
            files::remove_all(entry.path());
        else if (!failed)
            event_bytes_ += size;
    }
    for (const JobPtr &job : open_jobs_.jobs) add_file_size(*job);
}

/// Sets the bytes of an event that is in a file.
void Store::add_file_size(Job &job) const {
    std::error_code failed;
    const auto size = job.event_in_file ? std::filesystem::file_size(event_file(job.id), failed) : 0;
    if (job.event_in_file && !failed) job.bytes = size;
}

std::filesystem::path Store::event_file(const std::string &id) const { return folder_ / kEvents / id; }

awaitable<Result<Store::Recorded>> Store::record(JobPtr job, std::shared_ptr<const std::string> event,
                                                 LookFor look_for) {
    job->event_in_file = event->size() > kInlineEvent;
    auto recorded = co_await insert(job, std::move(event), look_for);
    // The transaction may have failed after it was written.
    if (!recorded && job->event_in_file) co_await remove_event_file(job->id);
    co_return recorded;
}

awaitable<Result<Store::Recorded>> Store::insert(JobPtr job, std::shared_ptr<const std::string> event,
                                                 LookFor look_for) {
    // The job belongs to the event loop, which may change it meanwhile: only its constant members are read here.
    return thread_->submit(
        [this, job, event = std::move(event), look_for, in_file = job->event_in_file]() -> Result<Recorded> {
            auto &s = *tables_->statements;
            if (look_for.queued) {
                const bool found = s.waiting.bind(job->session, job->plugin, Statement::as_blob(job->digest)).step();
                Recorded recorded{found ? read_job(s.waiting) : nullptr};
                s.waiting.reset();
                if (found) return recorded;
            }
            if (look_for.ended) {
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
            return Recorded{nullptr, sqlite3_last_insert_rowid(tables_->db.raw())};
        });
}

awaitable<Result<OpenJobs>> Store::open_jobs_of(std::string plugin) {
    return thread_->submit(
        [this, plugin = std::move(plugin)]() -> Result<OpenJobs> {
            OpenJobs open = tables_->open_jobs(plugin);
            for (const JobPtr &job : open.jobs) add_file_size(*job);
            return open;
        },
        StoreThread::kReads);
}

awaitable<Result<std::vector<JobPtr>>> Store::tasks_behind(std::string plugin, std::int64_t seq) {
    return thread_->submit(
        [this, plugin = std::move(plugin), seq]() -> Result<std::vector<JobPtr>> {
            std::vector<JobPtr> jobs = tables_->tasks_behind(plugin, seq);
            for (const JobPtr &job : jobs) add_file_size(*job);
            return jobs;
        },
        StoreThread::kReads);
}

awaitable<Result<JobPtr>> Store::queued_job(std::string id) {
    return thread_->submit(
        [this, id = std::move(id)]() -> Result<JobPtr> {
            Statement &ask = tables_->statements->queued;
            JobPtr job = ask.bind(id).step() ? read_job(ask) : nullptr;
            ask.reset();
            if (job) add_file_size(*job);
            return job;
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
                            created_boot = job->created_boot_ms, not_before_boot = job->not_before_boot_ms,
                            attempt = job->attempt]() -> Result<void> {
        tables_->statements->requeue.bind(id, attempts, not_before, boot_id(), created_boot, not_before_boot).run();
        if (attempt) tables_->keep_attempt(id, *attempt);
        return {};
    });
}

awaitable<Result<void>> Store::finish(JobPtr job) {
    const auto done = co_await keep_answer(job);
    // Not before the commit: until then the job may have to run again.
    if (done && job->event_in_file) co_await remove_event_file(job->id);
    co_return done;
}

awaitable<void> Store::remove_event_file(std::string id) const {
    const auto file = event_file(id);
    const auto remove = [file](const DiskCall &) {
        files::remove_all(file);
        return true;
    };
    const auto removed = co_await on_disk_thread(file.string(), kRemoveLimit, remove);
    if (!removed) Log().with("job", id).warning("{}; the next start of angod removes it", removed.error().text);
}

awaitable<Result<void>> Store::note_attempt(std::string id, AttemptPtr attempt) {
    return thread_->submit([this, id = std::move(id), attempt = std::move(attempt)]() -> Result<void> {
        tables_->keep_attempt(id, *attempt);
        return {};
    });
}

awaitable<Result<std::vector<Attempt>>> Store::attempts(std::string id) {
    return thread_->submit(
        [this, id = std::move(id)]() -> Result<std::vector<Attempt>> { return tables_->attempts_of(id); },
        StoreThread::kReads);
}

awaitable<Result<void>> Store::keep_answer(JobPtr job) {
    return thread_->submit([this, id = job->id, answer = job->answer, created_boot = job->created_boot_ms,
                            attempt = job->attempt]() -> Result<void> {
        if (attempt) tables_->keep_attempt(id, *attempt);
        tables_->statements->finish
            .bind(id, now_ms(), answer.message, static_cast<std::int64_t>(answer.outcome), answer.problem, boot_id(),
                  created_boot, since_boot_ms())
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
            return read_rows(ask.bind(filter.id, filter.plugin, state, filter.limit));
        },
        StoreThread::kReads);
}

awaitable<Result<std::vector<JobRow>>> Store::matching(std::string text, std::int64_t limit) {
    return thread_->submit(
        [this, text = std::move(text), limit]() -> Result<std::vector<JobRow>> {
            auto &statements = *tables_->statements;
            auto rows = read_rows(statements.by_prefix.bind(text, text + "g", limit)); // ids have digits up to f
            if (!rows.empty()) return rows;
            return read_rows(statements.by_session.bind(text, json::quote(text), limit)); // it is kept as JSON
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
        remove_old_copies((folder_ / kDatabase).string());
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
