// SQLite as it is used here: one connection, prepared statements, errors as exceptions inside the store thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace angod::jobs {

/// Thrown and caught inside the store only.
class SqliteError : public std::runtime_error {
public:
    SqliteError(sqlite3 *db, std::string_view doing)
        : std::runtime_error(std::string(doing) + ": " + (db ? sqlite3_errmsg(db) : "out of memory")),
          code(db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM),
          reason(db ? sqlite3_errmsg(db) : "out of memory") {}
    /// The bytes of the database are wrong: nothing that is tried again can help.
    bool is_damage() const { return code == SQLITE_CORRUPT || code == SQLITE_NOTADB; }
    int code;
    std::string reason; ///< in the words of SQLite
};

class Database {
public:
    /// How long a statement waits for others that have the database.
    static constexpr int kBusyMs = 5000;

    /// Opens the database, or makes it. Throws SqliteError.
    explicit Database(const std::string &path);
    /// Opens a database that may be damaged, to read what can be read. Nothing on the disk changes, and no file is made: the
    /// write-ahead log is read, but not folded in. No other process may use the database meanwhile. Throws SqliteError.
    struct ReadOnly {};
    Database(const std::string &path, ReadOnly);
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;
    ~Database() { sqlite3_close(db_); }
    void run(const char *sql);
    bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
    sqlite3 *raw() const { return db_; }

private:
    void open(const std::string &path, const std::string &name, int flags, const char *vfs);

    sqlite3 *db_ = nullptr;
};

/// A prepared statement. bind counts parameters from 1, text and blob columns from 0. Texts given to bind must
/// live until reset.
class Statement {
public:
    Statement(Database &db, const char *sql);
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    struct Blob {
        std::string_view bytes;
    };
    static Blob as_blob(std::string_view bytes) { return {bytes}; }

    template <class... A> Statement &bind(const A &...values) {
        reset();
        int at = 0;
        (bind_one(++at, values), ...);
        return *this;
    }
    /// True if there is a row.
    bool step();
    /// For statements without rows.
    void run() {
        step();
        reset();
    }
    void reset() { sqlite3_reset(statement_); }

    sqlite3_stmt *raw() const { return statement_; }
    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
    bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::string text(int column) const;
    std::string blob(int column) const;

private:
    void bind_one(int at, std::int64_t value);
    void bind_one(int at, std::string_view text);
    void bind_one(int at, Blob blob);
    void bind_one(int at, std::nullptr_t);
    template <class T> void bind_one(int at, const std::optional<T> &value) {
        if (value)
            bind_one(at, *value);
        else
            bind_one(at, nullptr);
    }

    Database &db_;
    sqlite3_stmt *statement_ = nullptr;
};

} // namespace angod::jobs
