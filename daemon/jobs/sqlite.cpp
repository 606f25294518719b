#include "jobs/sqlite.hpp"

namespace angod::jobs {

Database::Database(const std::string &path) {
    const int result =
        sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (result != SQLITE_OK) {
        const SqliteError why(db_, "cannot open " + path);
        sqlite3_close(db_);
        throw why;
    }
    sqlite3_busy_timeout(db_, kBusyMs);
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
