// The rows of one table of a database that may be damaged: all that can be read, also behind a damaged place.
#pragma once

#include "jobs/sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace angod::jobs {

/// A table as a database in order describes it.
struct Table {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::string> key; ///< the columns of the primary key; empty if the table has none
    bool has_rowid = true;
};

/// The tables of a database, by name, without those of SQLite itself. Throws SqliteError.
std::vector<Table> tables_of(Database &db);

/// A name as SQL text.
std::string sql_name(std::string_view name);

/// How much of a table was read.
struct Walk {
    std::size_t rows = 0; ///< given to the caller
    /// Rowids that an index names, but that could not be read, with the first text that the index has for each.
    std::map<std::int64_t, std::string> missing;
    bool complete = true; ///< false: some rows could not be read, perhaps more than missing has
    std::string problem;  ///< in the words of SQLite; empty if complete
};

/// Takes the present row of a statement: the rowid (or the key as text, in a table without rowids), and then the columns. It may
/// throw, which ends the walk; but no SqliteError, which is taken for a damage.
using TakeRow = std::function<void(const Statement &row)>;

/// Gives each row that can be read to take, once. columns: those of the table that the damaged database has, not none.
/// Work is linear in the rows, with at most kMostProbes further look-ups for damaged places. Throws what take throws, and
/// SqliteError only for want of memory.
Walk walk_table(Database &damaged, const Table &table, const std::vector<std::string> &columns, const TakeRow &take);

inline constexpr std::size_t kMostProbes = 2'000'000;

} // namespace angod::jobs
