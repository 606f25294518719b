// The names in a state_dir, and whether a start may use what lies there.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace angod::jobs {

inline constexpr const char *kDatabase = "jobs.db", *kEvents = "events", *kLock = "lock";
/// A database that a salvage has completed, until it has replaced kDatabase.
inline constexpr const char *kSalvaged = "jobs.db.salvaged";
/// There as long as a process writes to the database: it then has a write-ahead log.
inline constexpr const char *kInUse = "in-use";

/// The file of the database as its first bytes describe it.
struct FileHead {
    enum class Kind { missing, empty, sqlite, zeros, other };
    Kind kind = Kind::missing;
    std::uint64_t bytes = 0;
    std::uint64_t expected_bytes = 0; ///< by its header; 0: the header does not say. With a log it may be out of date
};
FileHead head_of(const std::filesystem::path &file);

/// How the file is damaged, as a clause that goes on "jobs.db is damaged: "; nothing if its beginning is in order. Does not
/// look behind the beginning.
std::optional<std::string> damaged_head(const std::filesystem::path &folder);

/// Files of the folder that this process cannot use: sentences with the remedy, without a full stop.
std::vector<std::string> access_problems(const std::filesystem::path &folder);

/// For a start: the database can be opened, and is one of angod; if it has at most kExamined bytes, its structure is whole. The
/// error names the file, the damage, and the commands to run. Blocks; changes nothing.
Result<void> examine(const std::filesystem::path &folder);
inline constexpr std::uint64_t kExamined = std::uint64_t{64} << 20;

/// Less free space than this is a problem.
inline constexpr std::uint64_t kLeastSpace = std::uint64_t{16} << 20;

/// The sentence for a database that this program may not use.
std::string newer_sentence(const std::filesystem::path &database);
/// The sentence for a database that is damaged. how: a clause.
std::string damage_sentence(const std::filesystem::path &database, std::string_view how);

/// Puts the database of a completed salvage in the place of the old one. Does nothing if there is none. It can be killed at
/// each moment and called again. The caller has the lock.
Result<void> finish_salvage(const std::filesystem::path &folder);

/// The last process ended without closing the database, and yet its write-ahead log is gone.
bool is_log_missing(const std::filesystem::path &folder);

} // namespace angod::jobs
