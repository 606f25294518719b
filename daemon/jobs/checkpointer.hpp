// Folds the write-ahead log into the database on a thread and a connection of its own. Its syncs take milliseconds,
// in which the writer goes on committing.
#pragma once

#include "jobs/sqlite.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace angod::jobs {

class Checkpointer {
public:
    /// path: of the database that writer has open. Both live longer than this. Throws SqliteError.
    Checkpointer(const std::string &path, Database &writer);
    Checkpointer(const Checkpointer &) = delete;
    Checkpointer &operator=(const Checkpointer &) = delete;
    /// The writer must not be used by another thread meanwhile.
    ~Checkpointer();

private:
    static int after_commit(void *self, sqlite3 *db, const char *name, int pages);
    void loop();

    Database &writer_;
    Database db_;
    int pages_at_last_fold_ = 0; ///< the writer's thread only
    std::mutex mutex_;
    std::condition_variable wake_;
    bool wanted_ = false, stopping_ = false;
    std::thread thread_;
};

} // namespace angod::jobs
