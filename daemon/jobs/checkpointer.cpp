#include "jobs/checkpointer.hpp"

#include "base/log.hpp"
#include "base/own_process.hpp"

namespace angod::jobs {

namespace {

/// In pages of 4 KB. While commits follow one another closely, what is folded in is never all of the log, and it grows;
/// from kWriterFoldsAt on the writer folds in what is left itself, which lets the log begin anew.
constexpr int kFoldEvery = 1000, kWriterFoldsAt = 8000;

} // namespace

Checkpointer::Checkpointer(const std::string &path, Database &writer) : writer_(writer), db_(path) {
    db_.run("PRAGMA user_version"); // only a connection that has read knows that there is a log
    thread_ = std::thread([this] { loop(); });
    sqlite3_wal_hook(writer_.raw(), after_commit, this);
}

Checkpointer::~Checkpointer() {
    sqlite3_wal_hook(writer_.raw(), nullptr, nullptr);
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

/// On the writer's thread.
int Checkpointer::after_commit(void *self, sqlite3 *db, const char *name, int pages) {
    auto &checkpointer = *static_cast<Checkpointer *>(self);
    if (pages < checkpointer.pages_at_last_fold_) checkpointer.pages_at_last_fold_ = 0; // the log has begun anew
    if (pages < checkpointer.pages_at_last_fold_ + kFoldEvery) return SQLITE_OK;
    checkpointer.pages_at_last_fold_ = pages;
    if (pages >= kWriterFoldsAt) {
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        return SQLITE_OK;
    }
    {
        const std::lock_guard lock(checkpointer.mutex_);
        checkpointer.wanted_ = true;
    }
    checkpointer.wake_.notify_one();
    return SQLITE_OK;
}

void Checkpointer::loop() {
    name_thread("store fold");
    bool told = false;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return wanted_ || stopping_; });
        if (stopping_) return;
        wanted_ = false;
        lock.unlock();
        int pages = 0;
        const int result = sqlite3_wal_checkpoint_v2(db_.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, nullptr);
        const bool failed = (result != SQLITE_OK || pages < 0) && result != SQLITE_BUSY; // busy: the writer is doing it
        if (failed && !told)
            Log().warning(
                "the job store's write-ahead log cannot be folded into the database ({}); it grows until that "
                "works",
                sqlite3_errmsg(db_.raw()));
        told = failed;
        lock.lock();
    }
}

} // namespace angod::jobs
