#include "jobs/store_reading.hpp"

#include "base/plural.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::jobs {

namespace {

/// Those of the table that the damaged database has, too: all of them, if it cannot say.
std::vector<std::string> columns_in(Database &damaged, const Table &table) {
    std::vector<std::string> columns;
    try {
        for (Statement info(damaged, fmt::format("PRAGMA table_info({})", sql_name(table.name)).c_str()); info.step();)
            if (std::find(table.columns.begin(), table.columns.end(), info.text(1)) != table.columns.end())
                columns.push_back(info.text(1));
    } catch (const SqliteError &) { // the walk meets the same damage, and tells of it
    }
    return columns;
}

void lose(TableAccount &account, std::string name) {
    ++account.lost;
    if (account.named.size() < TableAccount::kNamed) account.named.push_back(std::move(name));
}

/// Texts of a damaged file must not control the terminal.
std::string shown(std::string_view text) {
    std::string out(text.substr(0, 80));
    for (char &c : out)
        if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f) c = '?';
    return out;
}

TableAccount read_one(Database &damaged, const Table &table, const TakeTableRow &take) {
    TableAccount account;
    account.table = table.name;
    const std::vector<std::string> columns = columns_in(damaged, table);
    if (columns.empty()) {
        account.may_lack_more = true;
        account.problem = "the database does not describe this table any more";
        return account;
    }
    const auto first = [&](const Statement &row) { return shown(row.text(0)); };
    const TakeRow take_row = [&](const Statement &row) {
        if (const auto problem = row_problem(table.name, columns, row))
            lose(account, fmt::format("row {}: {}", first(row), *problem));
        else if (take(table, columns, row))
            ++account.rows;
        else
            lose(account, fmt::format("row {}: it contradicts another row, or lacks a value", first(row)));
    };
    const Walk walk = walk_table(damaged, table, columns, take_row);
    for (const auto &[rowid, name] : walk.missing) lose(account, fmt::format("row {} ({})", rowid, shown(name)));
    account.problem = walk.problem;
    // An index that names all missing rows may be damaged itself: only a whole table is known to lack nothing.
    account.may_lack_more = !walk.complete;
    return account;
}

} // namespace

std::vector<TableAccount> read_tables(Database &damaged, const std::vector<Table> &tables, const TakeTableRow &take) {
    std::vector<TableAccount> accounts;
    for (const Table &table : tables) accounts.push_back(read_one(damaged, table, take));
    return accounts;
}

std::vector<std::string> lines_of(const TableAccount &account, std::string_view verb) {
    const auto rows = [](std::size_t count) { return fmt::format("{} row{}", count, plural(count)); };
    std::string head = fmt::format("Table {}: {} {}", account.table, rows(account.rows), verb);
    if (account.is_whole()) return {head + ", none lost."};
    head += account.lost > 0 ? fmt::format(", {} lost", rows(account.lost)) : ", others may be lost";
    if (!account.problem.empty()) head += fmt::format(" ({})", shown(account.problem));
    std::vector<std::string> lines{head + (account.named.empty() ? "." : ":")};
    for (const std::string &name : account.named) lines.push_back("  " + name);
    if (account.lost > account.named.size())
        lines.push_back(fmt::format("  and {}", rows(account.lost - account.named.size())));
    return lines;
}

} // namespace angod::jobs
