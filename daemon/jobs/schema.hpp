// The tables of the job store, and the way from one version of them to the next.
#pragma once

#include "jobs/sqlite.hpp"

#include <span>
#include <string>

namespace angod::jobs {

inline constexpr std::int64_t kSchemaVersion = 6;

/// The way from one version to the next.
struct SchemaStep {
    const char *sql;
    std::int64_t oldest; ///< the oldest version whose programs may use the tables after this step
};

/// The steps of this version: kSchemaVersion of them, the first one for an empty database.
std::span<const SchemaStep> schema_steps();

/// Brings the database in the file path to the version of the last step. If the programs of its present version cannot use
/// it after that, a copy of it is made first, at schema_copy(): it serves for a downgrade. A
/// database of a newer version stays as it is: it can be used if the newer version says so (meta.oldest_schema), because
/// most versions only add to the tables. False if it cannot be used. Throws SqliteError, or std::runtime_error if
/// the copy cannot be written; the database is then as it was.
bool prepare_schema(Database &db, const std::string &path, bool power_safe,
                    std::span<const SchemaStep> steps = schema_steps());

/// The version that the database says of itself; 0 if it does not say.
std::int64_t version_of(Database &db);
/// Whether programs that write the version `newest` may use the database: it has their version or an older one, or a newer one that
/// says so (meta.oldest_schema).
bool can_use(Database &db, std::int64_t newest);

/// Removes copies that are older than 30 days, because they hold the keys of runs.
void remove_old_copies(const std::string &path);

/// The copy of a database, made before it left this version.
std::string schema_copy(const std::string &path, std::int64_t version);

} // namespace angod::jobs
