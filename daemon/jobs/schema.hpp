// The tables of the job store, and the way from one version of them to the next.
#pragma once

#include "jobs/sqlite.hpp"

namespace angod::jobs {

inline constexpr std::int64_t kSchemaVersion = 4;

/// Brings a database to kSchemaVersion. False if it is of a newer version.
bool prepare_schema(Database &db, bool power_safe);

} // namespace angod::jobs
