// All tables of a store that may be damaged, read as far as they can be, with an account of what cannot.
#pragma once

#include "base/result.hpp"
#include "jobs/row_check.hpp"
#include "jobs/table_walk.hpp"

#include <functional>
#include <string>
#include <vector>

namespace angod::jobs {

/// The account of one table.
struct TableAccount {
    std::string table;
    std::size_t rows = 0;           ///< that can be read and can be right
    std::size_t lost = 0;           ///< that are known to be there, and cannot be read or cannot be right
    bool may_lack_more = false;     ///< there may be rows of which nothing is known
    std::vector<std::string> named; ///< the first kNamed of the lost ones, each with the reason if it is its own
    std::string problem;            ///< why rows could not be read; empty if all could
    static constexpr std::size_t kNamed = 20;

    bool is_whole() const { return lost == 0 && !may_lack_more; }
};

/// Takes a row that can be right, as TakeRow does. False: it cannot be used after all. It must not throw SqliteError.
using TakeTableRow =
    std::function<bool(const Table &table, const std::vector<std::string> &columns, const Statement &row)>;

/// tables: as they should be. Throws what take throws, and SqliteError only for want of memory.
std::vector<TableAccount> read_tables(Database &damaged, const std::vector<Table> &tables, const TakeTableRow &take);

/// "Table jobs: 12 rows kept, 2 rows lost (…): …", as one or more lines. verb: "kept", "can be read".
std::vector<std::string> lines_of(const TableAccount &account, std::string_view verb);

} // namespace angod::jobs
