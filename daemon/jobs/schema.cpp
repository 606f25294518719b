// One text of SQL for each version of the tables, and the walk from the version of a database to the present one.
//
// Each step is a transaction of its own, so a kill leaves the database at one version or the next. Programs of an older
// version may use the tables after a step if it only adds to them; otherwise a copy is made before the step.
// Thread: the one that opens the store.
#include "jobs/schema.hpp"

#include "base/log.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>

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

// Each try at a job. The trigger also works for programs that do not know the table.
constexpr const char *kVersion6 = R"sql(
CREATE TABLE attempts(
    job TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    reason TEXT NOT NULL,
    generation INTEGER NOT NULL,
    version TEXT NOT NULL,
    host_pid INTEGER NOT NULL,
    log TEXT NOT NULL,
    PRIMARY KEY(job, started_ms)) WITHOUT ROWID;
CREATE INDEX attempts_running ON attempts(ended) WHERE ended = 0;
CREATE TRIGGER attempts_of_removed_jobs AFTER DELETE ON jobs BEGIN DELETE FROM attempts WHERE job = old.id; END;
PRAGMA user_version = 6;
)sql";

constexpr SchemaStep kSteps[] = {{kVersion1, 1}, {kVersion2, 2}, {kVersion3, 3},
                                 {kVersion4, 4}, {kVersion5, 5}, {kVersion6, 5}};
static_assert(std::size(kSteps) == kSchemaVersion);

/// The oldest version that may use a database of a newer version; nothing if it does not say.
std::optional<std::int64_t> oldest_schema(Database &db) {
    Statement table(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'");
    if (!table.step()) return std::nullopt;
    Statement ask(db, "SELECT value FROM meta WHERE name = 'oldest_schema'");
    return ask.step() ? std::optional(ask.number(0)) : std::nullopt;
}

constexpr auto kKeepCopy = std::chrono::days(30);

void copy_before_upgrade(Database &db, const std::string &path, std::int64_t version) {
    const std::string copy = schema_copy(path, version), part = copy + ".part";
    std::error_code failed;
    std::filesystem::remove(part, failed);
    try {
        Statement(db, "VACUUM INTO ?1").bind(std::string_view(part)).run();
    } catch (...) {
        std::filesystem::remove(part, failed);
        throw;
    }
    using std::filesystem::perms;
    std::filesystem::permissions(part, perms::owner_read | perms::owner_write, failed);
    if (!failed) std::filesystem::rename(part, copy, failed);
    if (failed) throw std::runtime_error(fmt::format("cannot write {}: {}", copy, failed.message()));
    Log().info("the store is upgraded; an older angod can use its copy {}", copy);
}

} // namespace

std::span<const SchemaStep> schema_steps() { return kSteps; }

std::string schema_copy(const std::string &path, std::int64_t version) {
    return fmt::format("{}.schema-{}", path, version);
}

void remove_old_copies(const std::string &path) {
    std::error_code none;
    for (std::int64_t version = 1; version <= kSchemaVersion + 1; ++version) {
        const std::string copy = schema_copy(path, version);
        std::filesystem::remove(copy + ".part", none); // of a start that was killed
        const auto made = std::filesystem::last_write_time(copy, none);
        if (!none && std::filesystem::file_time_type::clock::now() - made > kKeepCopy)
            std::filesystem::remove(copy, none);
    }
}

std::int64_t version_of(Database &db) {
    Statement ask(db, "PRAGMA user_version");
    return ask.step() ? ask.number(0) : 0;
}

bool can_use(Database &db, std::int64_t newest) {
    const std::int64_t version = version_of(db);
    return version >= 0 && (version <= newest || oldest_schema(db).value_or(version) <= newest);
}

bool prepare_schema(Database &db, const std::string &path, bool power_safe, std::span<const SchemaStep> steps) {
    const auto newest = static_cast<std::int64_t>(steps.size());
    db.run("PRAGMA journal_mode = WAL");
    db.run(power_safe ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    db.run("PRAGMA secure_delete = ON"); // an erased API key is overwritten
    db.run("PRAGMA cache_size = -4096");
    if (!can_use(db, newest)) return false;
    std::int64_t version = version_of(db);
    if (version > 0 && version < steps.back().oldest) copy_before_upgrade(db, path, version);
    for (; version < newest; ++version) {
        db.run("BEGIN IMMEDIATE");
        db.run(steps[static_cast<std::size_t>(version)].sql);
        db.run("COMMIT");
    }
    return true;
}

} // namespace angod::jobs
