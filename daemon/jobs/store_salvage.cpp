// Makes a new store of all that can be read of a damaged one.
//
// The new database is written in a folder of its own, with the schema version of the old one, whose tables it takes from the
// schema steps. Then the old files get second names in the folder damaged-DATE. Then the new database is renamed to
// kSalvaged: from this moment on it counts, and finish_salvage, here or at the next start, puts it in its place.
// If the first page is overwritten, a copy of the database gets the first page of a new one: angod makes its tables always in
// the same order, so table jobs begins on the same page. Of the other tables this is not sure, so they are not read then.
// Thread: the caller's; it blocks. The lock of the folder is held.
#include "jobs/store_salvage.hpp"

#include "base/clock.hpp"
#include "base/file_access.hpp"
#include "base/files.hpp"
#include "jobs/schema.hpp"
#include "jobs/store_check.hpp"
#include "jobs/store_folder.hpp"
#include "jobs/store_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

namespace angod::jobs {

namespace {

namespace fs = std::filesystem;

constexpr const char *kWork = "salvage.part"; ///< files of an unfinished salvage
constexpr std::size_t kPage = 4096;

bool is_there(const fs::path &path) {
    std::error_code failed;
    return fs::exists(path, failed);
}

/// "2026-11-29T14-13-18Z": good in a file name.
std::string date_for_name() {
    std::string date = iso_time(now_ms()).substr(0, 19) + "Z";
    std::replace(date.begin(), date.end(), ':', '-');
    return date;
}

/// The database that is written could not be.
struct WriteFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The new database: rows are added to it as they are read.
class NewStore {
public:
    NewStore(const std::string &path, std::int64_t version) : db_(path) {
        prepare_schema(db_, path, true, schema_steps().first(static_cast<std::size_t>(version)));
        tables_ = tables_of(db_);
        for (const Table &table : tables_) {
            Statement ask(db_, fmt::format("SELECT count(*) FROM {}", sql_name(table.name)).c_str());
            has_rows_[table.name] = ask.step() && ask.number(0) > 0;
        }
        db_.run("BEGIN IMMEDIATE");
    }

    const std::vector<Table> &tables() const { return tables_; }

    /// False: the row contradicts another one, or lacks a value that is needed.
    bool add(const Table &table, const std::vector<std::string> &columns, const Statement &row) {
        try {
            if (table.name != inserted_) prepare_insert(table, columns);
            insert_->reset();
            for (std::size_t i = 0; i < columns.size(); ++i)
                sqlite3_bind_value(insert_->raw(), static_cast<int>(i) + 1,
                                   sqlite3_column_value(row.raw(), static_cast<int>(i) + 1));
            insert_->run();
            return sqlite3_changes(db_.raw()) > 0;
        } catch (const SqliteError &e) {
            throw WriteFailed(e.what());
        }
    }

    void complete() {
        insert_.reset();
        db_.run("COMMIT");
        Statement check(db_, "PRAGMA integrity_check(1)");
        if (!check.step() || check.text(0) != "ok")
            throw WriteFailed("the new store is not in order: " + check.text(0));
        check.reset();
        db_.run("PRAGMA wal_checkpoint(TRUNCATE)");
    }

private:
    /// A new database has rows of its own in some tables: those of the old one replace them.
    void prepare_insert(const Table &table, const std::vector<std::string> &columns) {
        std::string names, values;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            names += (i ? ", " : "") + sql_name(columns[i]);
            values += fmt::format("{}?{}", i ? ", " : "", i + 1);
        }
        insert_ = std::make_unique<Statement>(db_, fmt::format("INSERT OR {} INTO {}({}) VALUES({})",
                                                               has_rows_[table.name] ? "REPLACE" : "IGNORE",
                                                               sql_name(table.name), names, values)
                                                       .c_str());
        inserted_ = table.name;
    }

    Database db_;
    std::vector<Table> tables_;
    std::map<std::string, bool> has_rows_;
    std::string inserted_;
    std::unique_ptr<Statement> insert_;
};

class Salvage {
public:
    explicit Salvage(const fs::path &folder)
        : folder_(folder),
          database_(folder / kDatabase),
          work_(folder / kWork),
          kept_(folder / ("damaged-" + date_for_name())) {}

    Result<std::vector<std::string>> all() {
        files::remove_all(work_); // of a salvage that was killed
        if (auto made = files::make_private_folder(work_); !made) return made.error();
        files::give_to_owner_of(folder_, work_);
        auto done = in_work_folder();
        files::remove_all(work_);
        if (!done) return done.error();
        return std::move(lines_);
    }

private:
    Result<void> in_work_folder() {
        try {
            if (auto read = read_into_new(); !read) return read;
        } catch (const SqliteError &e) {
            return error(Code::io, fmt::format("no new store was made: {}", e.what()));
        } catch (const WriteFailed &e) {
            return error(Code::io, fmt::format("no new store was made, because it cannot be written: {}", e.what()));
        } catch (const std::runtime_error &e) {
            return error(Code::io, fmt::format("no new store was made: {}", e.what()));
        }
        if (auto kept = keep_old(); !kept) return kept;
        const fs::path made = work_ / kDatabase;
        for (const char *suffix : {"", "-wal", "-shm"}) files::give_to_owner_of(folder_, made.string() + suffix);
        std::error_code failed;
        fs::permissions(made, fs::perms(0600), failed);
        if (!failed) fs::rename(made, folder_ / kSalvaged, failed);
        if (failed)
            return error(Code::io, fmt::format("cannot rename {} to {}: {}; the old store is still in place",
                                               made.string(), (folder_ / kSalvaged).string(), failed.message()));
        if (auto finished = finish_salvage(folder_); !finished)
            return error(Code::io, fmt::format("{}; the new store is {}, and the next start puts it in its place",
                                               finished.error().text, (folder_ / kSalvaged).string()));
        lines_.push_back(fmt::format("The new store is in its place: {}.", database_.string()));
        lines_.push_back(
            fmt::format("The old store is kept in {}. It holds secrets; remove it when you do not need it any "
                        "more.",
                        kept_.string()));
        return {};
    }

    Result<void> read_into_new() {
        const bool first_page_lost = head_of(database_).kind != FileHead::Kind::sqlite;
        if (auto enough = check_space(first_page_lost); !enough) return enough;
        const fs::path source = first_page_lost ? work_ / "copy.db" : database_;
        if (first_page_lost)
            if (auto made = copy_with_first_page(source); !made) return made;
        Database damaged(source.string(), Database::ReadOnly{});
        std::int64_t version = kSchemaVersion;
        try {
            version = version_of(damaged);
        } catch (const SqliteError &) { // the walks tell of the damage
        }
        if (version > kSchemaVersion)
            return error(Code::invalid, fmt::format("{} was written by a newer angod; run its \"angod store salvage\"",
                                                    database_.string()));
        if (version < 1) version = kSchemaVersion;
        NewStore made((work_ / kDatabase).string(), version);
        std::vector<Table> tables = made.tables();
        if (first_page_lost) std::erase_if(tables, [](const Table &table) { return table.name != "jobs"; });
        const auto accounts = read_tables(damaged, tables,
                                          [&](const Table &table, const std::vector<std::string> &columns,
                                              const Statement &row) { return made.add(table, columns, row); });
        std::size_t rows = 0;
        for (const TableAccount &account : accounts) {
            rows += account.rows;
            for (std::string &line : lines_of(account, "kept")) lines_.push_back(std::move(line));
        }
        if (rows == 0)
            return error(Code::invalid,
                         fmt::format("nothing of a job store can be read in {}; restore a backup, or move "
                                     "the file away to start with an empty store",
                                     database_.string()));
        if (first_page_lost)
            lines_.push_back("The first page was lost: only the table jobs could be read. angod tries all modules and "
                             "their settings anew, and cannot roll back to older versions.");
        made.complete();
        return {};
    }

    Result<void> check_space(bool copies) const {
        const auto size_of = [](const fs::path &file) -> std::uint64_t {
            std::error_code failed;
            const auto size = fs::file_size(file, failed);
            return failed ? 0 : size;
        };
        const std::uint64_t size = size_of(database_) + size_of(database_.string() + "-wal");
        const std::uint64_t needed = size * (copies ? 3 : 2) + (std::uint64_t{1} << 20);
        if (const auto problem = files::space_problem(folder_, needed)) return error(Code::full, *problem);
        return {};
    }

    /// A copy of the database with the first page of a new database of this version.
    Result<void> copy_with_first_page(const fs::path &copy) const {
        const fs::path model = work_ / "model.db";
        {
            Database db(model.string());
            prepare_schema(db, model.string(), false);
            db.run("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        std::string page(kPage, '\0');
        std::ifstream(model, std::ios::binary).read(page.data(), static_cast<std::streamsize>(page.size()));
        std::error_code failed;
        if (is_there(database_))
            fs::copy_file(database_, copy, fs::copy_options::overwrite_existing, failed);
        else
            std::ofstream(copy, std::ios::trunc).close(); // all that is left is in the log
        if (failed) return error(Code::io, fmt::format("cannot copy {}: {}", database_.string(), failed.message()));
        const std::string log = database_.string() + "-wal";
        if (is_there(log)) fs::copy_file(log, copy.string() + "-wal", fs::copy_options::overwrite_existing, failed);
        if (failed) return error(Code::io, fmt::format("cannot copy {}: {}", log, failed.message()));
        const auto pages = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(fs::file_size(copy, failed) / kPage));
        for (std::size_t i = 0; i < 4; ++i) page[28 + i] = static_cast<char>(pages >> (24 - 8 * i));
        std::fill(page.begin() + 32, page.begin() + 40, '\0'); // no list of free pages
        std::fstream out(copy, std::ios::binary | std::ios::in | std::ios::out);
        out.write(page.data(), static_cast<std::streamsize>(page.size()));
        out.close();
        if (!out) return error(Code::io, fmt::format("cannot write {}", copy.string()));
        return {};
    }

    /// Second names for the old files. A file system without them gets copies.
    Result<void> keep_old() {
        const fs::path part = kept_.string() + ".part";
        if (auto made = files::make_private_folder(part); !made) return made;
        if (auto made = files::make_private_folder(part / kEvents); !made) return made;
        const auto keep = [](const fs::path &from, const fs::path &to) -> Result<void> {
            std::error_code failed;
            fs::create_hard_link(from, to, failed);
            if (failed) fs::copy_file(from, to, failed);
            if (failed)
                return error(Code::io,
                             fmt::format("cannot keep {} as {}: {}", from.string(), to.string(), failed.message()));
            return {};
        };
        for (const char *suffix : {"", "-wal"}) {
            const fs::path from = database_.string() + suffix;
            if (!is_there(from)) continue;
            if (auto kept = keep(from, part / from.filename()); !kept) return kept;
        }
        std::error_code failed;
        for (const auto &entry : fs::directory_iterator(folder_ / kEvents, failed))
            if (auto kept = keep(entry.path(), part / kEvents / entry.path().filename()); !kept) return kept;
        for (const fs::path &made : {part, part / kEvents}) files::give_to_owner_of(folder_, made);
        fs::rename(part, kept_, failed);
        if (failed)
            return error(Code::io,
                         fmt::format("cannot rename {} to {}: {}", part.string(), kept_.string(), failed.message()));
        return {};
    }

    const fs::path folder_, database_, work_;
    fs::path kept_;
    std::vector<std::string> lines_;
};

} // namespace

Result<std::vector<std::string>> salvage_store(const fs::path &folder) {
    if (!is_there(folder / kDatabase) && !is_there(folder / kSalvaged) && !damaged_head(folder))
        return error(Code::not_found, fmt::format("there is no store {}", (folder / kDatabase).string()));
    if (const auto problems = access_problems(folder); !problems.empty()) return error(Code::io, problems.front());
    {
        auto lock = files::Lock::take(folder / kLock);
        if (!lock && lock.error().code == Code::full)
            return error(Code::full,
                         fmt::format("an angod is using {}; stop it first, for example with \"systemctl stop "
                                     "angod\"",
                                     folder.string()));
        if (!lock) return lock.error();
        files::give_to_owner_of(folder, folder / kLock);
        if (is_there(folder / kSalvaged)) {
            if (auto finished = finish_salvage(folder); !finished) return finished.error();
            return std::vector<std::string>{"The new store of a salvage that was ended early is in its place now."};
        }
    }
    const StoreReport report = check_store(folder);
    if (!report.needs_salvage) {
        if (!report.in_order()) return error(Code::invalid, "a salvage cannot help: " + report.problems.front());
        return std::vector<std::string>{
            fmt::format("The store in {} is in order. Nothing was changed.", folder.string())};
    }
    auto lock = files::Lock::take(folder / kLock);
    if (!lock) return lock.error();
    return Salvage(folder).all();
}

} // namespace angod::jobs
