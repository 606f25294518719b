// The tables of the job store, and the way from one version of them to the next.
#pragma once

#include "jobs/sqlite.hpp"

namespace angod::jobs {

inline constexpr std::int64_t kSchemaVersion = 5;

/// Brings a database to kSchemaVersion. A database of a newer version stays as it is: it can be used if the newer version
/// says so (meta.oldest_schema), because most versions only add to the tables. False if it cannot be used.
bool prepare_schema(Database &db, bool power_safe);

} // namespace angod::jobs
