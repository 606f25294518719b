// Whether the values of a row can be those that angod has written. SQLite notices damage of its structure, not of contents.
#pragma once

#include "jobs/sqlite.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::jobs {

/// Why the row cannot be right, as a clause such as "its state is 77"; nothing if it can. The columns begin at column 1 of
/// the row. Of tables that it does not know nothing is said.
std::optional<std::string> row_problem(std::string_view table, const std::vector<std::string> &columns,
                                       const Statement &row);

/// A queued job whose event lies in a file, and the SHA-256 of that event, raw.
struct EventFile {
    std::string id, digest;
};
/// Nothing if the row is not such a job.
std::optional<EventFile> event_file_of(std::string_view table, const std::vector<std::string> &columns,
                                       const Statement &row);

} // namespace angod::jobs
