// Reads a table around its damaged places.
//
// Problem: SQLite stops at the first damaged page, and all rows behind it seem lost.
// Approach: a table with rowids is read from its beginning to the first damage, and from its end back to the last. The
// range between the two is halved, and each half is read in the same way, until a range has no rowid left. An index of the
// table, which lies in other pages, tells where the table begins and ends and which rowids it has. A table without rowids,
// which is small, is read from both ends only.
// Bounds: a row is read once; look-ups that find nothing are counted and limited.
// Thread: the caller's; it blocks.
#include "jobs/table_walk.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <set>

namespace angod::jobs {

namespace {

using RowId = std::int64_t;

/// Without an index that can be read: so far behind the last row that was read, rows are looked for.
constexpr RowId kBlindSearch = 100'000;

std::string list_of(const std::vector<std::string> &names) {
    std::vector<std::string> out;
    for (const std::string &name : names) out.push_back(sql_name(name));
    return fmt::format("{}", fmt::join(out, ", "));
}

/// False: the bytes cannot be read, and reading goes on elsewhere.
bool is_of_the_machine(const SqliteError &e) { return e.code == SQLITE_NOMEM || e.code == SQLITE_INTERRUPT; }

/// Rows that the indexes of a table know, with one text of each.
struct KnownRows {
    std::map<RowId, std::string> names;
    bool whole = false; ///< at least one index was read to its end
};

KnownRows rows_of_indexes(Database &db, const Table &table) {
    KnownRows known;
    std::vector<std::string> indexes;
    try {
        // A partial index does not have all rows.
        for (Statement ask(db, fmt::format("PRAGMA index_list({})", sql_name(table.name)).c_str()); ask.step();)
            if (ask.number(4) == 0) indexes.push_back(ask.text(1));
    } catch (const SqliteError &) { // the schema itself is damaged: nothing is known
    }
    for (const std::string &index : indexes) {
        try {
            Statement info(db, fmt::format("PRAGMA index_info({})", sql_name(index)).c_str());
            if (!info.step()) continue;
            const std::string sql =
                fmt::format("SELECT rowid, {} FROM {} INDEXED BY {} ORDER BY {}", sql_name(info.text(2)),
                            sql_name(table.name), sql_name(index), sql_name(info.text(2)));
            for (Statement ask(db, sql.c_str()); ask.step();) known.names.emplace(ask.number(0), ask.text(1));
            known.whole = true;
        } catch (const SqliteError &) { // what was read until here is known
        }
    }
    return known;
}

class RowIdWalk {
public:
    RowIdWalk(Database &db, const Table &table, const std::vector<std::string> &columns, const TakeRow &take)
        : db_(db), table_(table), columns_(columns), take_(take), known_(rows_of_indexes(db, table)) {}

    Walk all() {
        try {
            forward_ = statement("ASC");
            backward_ = statement("DESC");
        } catch (const SqliteError &e) {
            problem(e);
            return end();
        }
        RowId low = kLowest, high = kHighest;
        if (read(*forward_, low, high, true)) return end();
        read(*backward_, low, high, false);
        narrow(low, high);
        search(low, high);
        return end();
    }

private:
    static constexpr RowId kLowest = std::numeric_limits<RowId>::min(), kHighest = std::numeric_limits<RowId>::max();

    std::unique_ptr<Statement> statement(const char *order) {
        const std::string sql = fmt::format("SELECT rowid, {} FROM {} NOT INDEXED WHERE rowid BETWEEN ?1 AND ?2 "
                                            "ORDER BY rowid {}",
                                            list_of(columns_), sql_name(table_.name), order);
        return std::make_unique<Statement>(db_, sql.c_str());
    }

    void problem(const SqliteError &e) {
        if (is_of_the_machine(e)) throw e;
        out_.complete = false;
        if (out_.problem.empty()) out_.problem = e.reason;
    }

    Walk end() {
        for (const auto &[rowid, name] : known_.names)
            if (!done_.contains(rowid)) out_.missing.emplace(rowid, name);
        if (!out_.missing.empty() && out_.complete) {
            out_.complete = false;
            out_.problem = "an index names rows that the table does not have";
        }
        return std::move(out_);
    }

    /// The next row of the range; nothing at its end or at a damage.
    enum class Step { row, end, damage };
    Step step(Statement &from) {
        try {
            return from.step() ? Step::row : Step::end;
        } catch (const SqliteError &e) {
            problem(e);
            return Step::damage;
        }
    }

    /// Reads the range from one of its ends until a damage, and takes off the range what was read. True: it was read to its
    /// other end.
    bool read(Statement &from, RowId &low, RowId &high, bool upwards) {
        from.bind(low, high);
        for (;;) {
            const Step next = step(from);
            if (next != Step::row) return next == Step::end;
            const RowId rowid = from.number(0);
            // A damaged page may have its rows in any order.
            if (rowid < low || rowid > high) continue;
            if (done_.insert(rowid).second) {
                take_(from);
                ++out_.rows;
            }
            if (rowid == (upwards ? high : low)) {
                from.reset();
                return true;
            }
            (upwards ? low : high) = upwards ? rowid + 1 : rowid - 1;
        }
    }

    /// Both ends of the range are damaged. A table seldom fills all numbers; an index knows where it begins and ends.
    void narrow(RowId &low, RowId &high) const {
        if (!known_.names.empty()) {
            const RowId first = known_.names.begin()->first, last = known_.names.rbegin()->first;
            const RowId margin = known_.whole ? 0 : kBlindSearch;
            low = std::max(low, first < kLowest + margin ? kLowest : first - margin);
            high = std::min(high, last > kHighest - margin ? kHighest : last + margin);
        } else {
            if (low == kLowest) low = high == kHighest ? 0 : std::max<RowId>(0, high - kBlindSearch);
            if (high == kHighest) high = low + kBlindSearch;
        }
    }

    /// Looks for rows between two damaged places. The depth is at most the number of bits of a rowid.
    void search(RowId low, RowId high) {
        if (low > high) return;
        const RowId middle = std::midpoint(low, high);
        for (const bool upper : {false, true}) {
            RowId from = upper ? middle + 1 : low, to = upper ? high : middle;
            if (from > to || probes_ >= kMostProbes) continue;
            probes_ += 2;
            if (read(*forward_, from, to, true) || from >= to) continue;
            if (!read(*backward_, from, to, false) && from < to) search(from, to);
        }
    }

    Database &db_;
    const Table &table_;
    const std::vector<std::string> &columns_;
    const TakeRow &take_;
    const KnownRows known_;
    std::unique_ptr<Statement> forward_, backward_;
    std::set<RowId> done_;
    std::size_t probes_ = 0;
    Walk out_;
};

/// A table without rowids is read from its beginning, and after a damage from its end.
Walk walk_by_key(Database &db, const Table &table, const std::vector<std::string> &columns, const TakeRow &take) {
    Walk out;
    std::set<std::string> done;
    std::vector<std::string> parts, names;
    for (const std::string &column : table.key) {
        names.push_back(sql_name(column));
        parts.push_back(fmt::format("quote({})", names.back()));
    }
    const std::string key = fmt::format("{}", fmt::join(parts, " || ',' || "));
    for (const char *order : {"ASC", "DESC"}) {
        try {
            const std::string sql =
                fmt::format("SELECT {}, {} FROM {} ORDER BY {} {}", key, list_of(columns), sql_name(table.name),
                            fmt::join(names, fmt::format(" {}, ", order)), order);
            Statement ask(db, sql.c_str());
            while (ask.step())
                if (done.insert(ask.text(0)).second) {
                    take(ask);
                    ++out.rows;
                }
            return out;
        } catch (const SqliteError &e) {
            if (is_of_the_machine(e)) throw;
            out.complete = false;
            if (out.problem.empty()) out.problem = e.reason;
        }
    }
    return out;
}

} // namespace

std::string sql_name(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

std::vector<Table> tables_of(Database &db) {
    std::vector<Table> tables;
    for (Statement ask(db, "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                           "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
         ask.step();) {
        Table table{ask.text(0), {}, {}, ask.number(1) == 0};
        for (Statement info(db, fmt::format("PRAGMA table_info({})", sql_name(table.name)).c_str()); info.step();) {
            table.columns.push_back(info.text(1));
            const auto place = static_cast<std::size_t>(info.number(5)); // in the primary key, from 1
            if (place > table.key.size()) table.key.resize(place);
            if (place > 0) table.key[place - 1] = info.text(1);
        }
        tables.push_back(std::move(table));
    }
    return tables;
}

Walk walk_table(Database &damaged, const Table &table, const std::vector<std::string> &columns, const TakeRow &take) {
    if (table.has_rowid) return RowIdWalk(damaged, table, columns, take).all();
    return walk_by_key(damaged, table, columns, take);
}

} // namespace angod::jobs
