#include "jobs/schema.hpp"

#include <iterator>
#include <optional>

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

// Only answers that can be asked for again are looked up by session: those of kinds with effects. Input (32) runs
// often and has none; its sessions would touch another page of the index each time.
constexpr const char *kVersion2 = R"sql(
DROP INDEX jobs_same;
CREATE INDEX jobs_same ON jobs(session, plugin) WHERE answer IS NOT NULL AND kind <> 32;
PRAGMA user_version = 2;
)sql";

// Whether a run has effects does not follow from its kind alone. answer_key: the API key that the answer is delivered
// with, where a connection does not do; erased with the delivery.
constexpr const char *kVersion3 = R"sql(
ALTER TABLE jobs ADD COLUMN effects INTEGER NOT NULL DEFAULT 1;
UPDATE jobs SET effects = 0 WHERE kind = 32;
ALTER TABLE jobs ADD COLUMN answer_key TEXT;
DROP INDEX jobs_same;
CREATE INDEX jobs_same ON jobs(session, plugin) WHERE answer IS NOT NULL AND effects;
CREATE TABLE module_history(id TEXT PRIMARY KEY, history TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 3;
)sql";

// The same times by since_boot_ms, which no set clock changes, as long as the machine has not been started again: boot says
// under which boot_id they were taken, all at once.
constexpr const char *kVersion4 = R"sql(
ALTER TABLE jobs ADD COLUMN boot TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN created_boot_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN not_before_boot_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN finished_boot_ms INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 4;
)sql";

// Tasks of workflows (kind 2 with effects) can be too many for memory: a repeated event is then looked up here.
// meta.oldest_schema: the oldest version whose programs may write these tables. A step that only adds columns with
// defaults, tables or indexes leaves it as it is.
constexpr const char *kVersion5 = R"sql(
CREATE INDEX jobs_waiting ON jobs(session, plugin) WHERE state = 0 AND kind = 2 AND effects;
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('oldest_schema', 5);
PRAGMA user_version = 5;
)sql";

constexpr const char *kSteps[] = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5};
static_assert(std::size(kSteps) == kSchemaVersion);

/// The oldest version that may use a database of a newer version; nothing if it does not say.
std::optional<std::int64_t> oldest_schema(Database &db) {
    Statement table(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'");
    if (!table.step()) return std::nullopt;
    Statement ask(db, "SELECT value FROM meta WHERE name = 'oldest_schema'");
    return ask.step() ? std::optional(ask.number(0)) : std::nullopt;
}

} // namespace

bool prepare_schema(Database &db, bool power_safe) {
    db.run("PRAGMA journal_mode = WAL");
    db.run(power_safe ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    db.run("PRAGMA secure_delete = ON"); // an erased API key is overwritten
    db.run("PRAGMA cache_size = -4096");
    Statement ask(db, "PRAGMA user_version");
    ask.step();
    std::int64_t version = ask.number(0);
    ask.reset();
    if (version < 0) return false;
    if (version > kSchemaVersion) return oldest_schema(db).value_or(version) <= kSchemaVersion;
    for (; version < kSchemaVersion; ++version) {
        db.run("BEGIN IMMEDIATE");
        db.run(kSteps[version]);
        db.run("COMMIT");
    }
    return true;
}

} // namespace angod::jobs
