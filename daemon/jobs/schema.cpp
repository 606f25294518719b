#include "jobs/schema.hpp"

#include <string>

namespace angod::jobs {

namespace {

// Events longer than Store::kInlineEvent lie in files beside the database, named by the job's id.
constexpr const char *kVersion1 = R"sql(
CREATE TABLE jobs(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    plugin TEXT NOT NULL,
    kind INTEGER NOT NULL,
    session TEXT NOT NULL,
    digest BLOB NOT NULL,
    log_context TEXT NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    not_before_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    event BLOB,
    checkpoint BLOB,
    answer TEXT,
    outcome INTEGER,
    problem TEXT);
CREATE INDEX jobs_same ON jobs(session, plugin);
CREATE INDEX jobs_open ON jobs(state) WHERE state < 2;
CREATE INDEX jobs_finished ON jobs(finished_ms) WHERE finished_ms IS NOT NULL;
CREATE TABLE ready(fact TEXT PRIMARY KEY, since_ms INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
)sql";

} // namespace

bool prepare_schema(Database &db, bool power_safe) {
    db.run("PRAGMA journal_mode = WAL");
    db.run(power_safe ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    db.run("PRAGMA secure_delete = ON"); // an erased API key is overwritten
    db.run("PRAGMA cache_size = -4096");
    db.run("PRAGMA wal_autocheckpoint = 1000");
    Statement ask(db, "PRAGMA user_version");
    ask.step();
    const std::int64_t version = ask.number(0);
    ask.reset();
    if (version > kSchemaVersion) return false;
    if (version == 0) {
        db.run("BEGIN IMMEDIATE");
        db.run(kVersion1);
        db.run("COMMIT");
    }
    return true;
}

} // namespace angod::jobs
