#include "jobs/sqlite.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace angod::jobs {

namespace {

/// A path as part of a URI.
std::string uri_of(const std::string &path) {
    std::string out = "file:";
    for (const char c : path)
        if (c == '%' || c == '?' || c == '#')
            out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        else
            out += c;
    return out;
}

} // namespace

Database::Database(const std::string &path) {
    open(path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    sqlite3_busy_timeout(db_, kBusyMs);
}

Database::Database(const std::string &path, ReadOnly) {
    constexpr int kFlags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    std::error_code failed;
    const bool has_log = std::filesystem::file_size(path + "-wal", failed) > 0 && !failed;
    const bool has_pages = std::filesystem::file_size(path, failed) > 0 && !failed;
    // Without locks, the index of the log is in memory. Without a log, SQLite would make one. It would remove the log of a
    // database without pages.
    if (has_log && has_pages)
        open(path, uri_of(path), kFlags, "unix-none");
    else
        open(path, uri_of(path) + "?immutable=1", kFlags, nullptr);
    try {
        sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
        run("PRAGMA locking_mode = EXCLUSIVE");
        run("PRAGMA writable_schema = ON"); // a file that is too short can be read as well
        run("PRAGMA cell_size_check = ON");
    } catch (...) {
        sqlite3_close(db_);
        throw;
    }
}

void Database::open(const std::string &path, const std::string &name, int flags, const char *vfs) {
    if (sqlite3_open_v2(name.c_str(), &db_, flags, vfs) == SQLITE_OK) return;
    const SqliteError why(db_, "cannot open " + path);
    sqlite3_close(db_);
    throw why;
}

void Database::run(const char *sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw SqliteError(db_, "the job store");
}

Statement::Statement(Database &db, const char *sql) : db_(db) {
    if (sqlite3_prepare_v3(db.raw(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
        throw SqliteError(db.raw(), "the job store");
}

bool Statement::step() {
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    const SqliteError why(db_.raw(), "the job store");
    reset();
    throw why;
}

std::string Statement::text(int column) const {
    const auto *data = reinterpret_cast<const char *>(sqlite3_column_text(statement_, column));
    return data ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
}

std::string Statement::blob(int column) const {
    const auto *data = static_cast<const char *>(sqlite3_column_blob(statement_, column));
    return data ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
}

void Statement::bind_one(int at, std::int64_t value) { sqlite3_bind_int64(statement_, at, value); }

void Statement::bind_one(int at, std::string_view text) {
    sqlite3_bind_text64(statement_, at, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_one(int at, Blob blob) {
    sqlite3_bind_blob64(statement_, at, blob.bytes.data() ? blob.bytes.data() : "", blob.bytes.size(), SQLITE_STATIC);
}

void Statement::bind_one(int at, std::nullptr_t) { sqlite3_bind_null(statement_, at); }

} // namespace angod::jobs
