// Looks at a store from the outside to the inside, and stops where nothing further can be read: rights and space, the
// beginning of the file, the schema, the structure in SQLite's own check, the rows of each table, and the files of events.
// Reads only: the database is opened without locks and without a file for the index of the log, and the lock of the
// folder keeps angod away meanwhile.
// Thread: the caller's; it blocks.
#include "jobs/store_check.hpp"

#include "base/file_access.hpp"
#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/plural.hpp"
#include "jobs/schema.hpp"
#include "jobs/store_folder.hpp"
#include "jobs/store_reading.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>

namespace angod::jobs {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostEvent = std::uint64_t{1} << 30;
constexpr std::size_t kShownFaults = 5;

bool is_there(const fs::path &path) {
    std::error_code failed;
    return fs::exists(path, failed);
}

class Check {
public:
    explicit Check(const fs::path &folder) : folder_(folder), database_(folder / kDatabase) {}

    StoreReport all() {
        if (!files_can_be_used() || !beginning()) return finish();
        try {
            Database db(database_.string(), Database::ReadOnly{});
            if (!schema(db)) return finish();
            structure(db);
            rows(db);
        } catch (const SqliteError &e) {
            damaged(fmt::format("{} cannot be read: {}.", database_.string(), e.reason));
        }
        event_files();
        return finish();
    }

private:
    void problem(std::string sentence) { report_.problems.push_back(std::move(sentence)); }
    void fact(std::string sentence) { report_.facts.push_back(std::move(sentence)); }
    void damaged(std::string sentence) {
        problem(std::move(sentence));
        report_.needs_salvage = true;
    }

    bool files_can_be_used() {
        if (!is_there(folder_)) {
            fact(fmt::format("There is no folder {} yet. angod makes it at its first start.", folder_.string()));
            return false;
        }
        for (const std::string &sentence : access_problems(folder_)) problem(sentence + ".");
        if (const auto full = files::space_problem(folder_, kLeastSpace)) problem(*full + ".");
        if (is_there(folder_ / kSalvaged))
            problem(
                fmt::format("A salvage has made the new store {} and was ended before it was in place. The next start "
                            "of angod, or \"angod store salvage\", puts it there.",
                            (folder_ / kSalvaged).string()));
        if (is_log_missing(folder_))
            problem(
                fmt::format("{}-wal is missing, although angod did not close the store. If the file was deleted, the "
                            "last runs and answers are lost; put it back if you have it. If another program has "
                            "opened the store since, all is well.",
                            database_.string()));
        return true;
    }

    bool beginning() {
        const FileHead head = head_of(database_);
        const auto how = damaged_head(folder_);
        if (head.kind == FileHead::Kind::missing && !how) {
            fact(fmt::format("There is no store {} yet. angod makes it at its next start.", database_.string()));
            return false;
        }
        if (head.kind != FileHead::Kind::missing) fact(fmt::format("{} has {} bytes.", database_.string(), head.bytes));
        if (how) damaged(fmt::format("{} is damaged: {}.", database_.string(), *how));
        return head.kind == FileHead::Kind::sqlite;
    }

    /// False: nothing can be said of the tables.
    bool schema(Database &db) {
        const std::int64_t version = version_of(db);
        Statement has_any(db,
                          "SELECT count(*), coalesce(sum(name = 'jobs'), 0) FROM sqlite_master WHERE type = 'table'");
        has_any.step();
        if (has_any.number(0) > 0 && has_any.number(1) == 0) {
            problem(
                fmt::format("{} is a SQLite database, but not the job store of angod. Move it away, or name another "
                            "state_dir.",
                            database_.string()));
            return false;
        }
        fact(fmt::format("Its schema has version {}; this angod writes version {}.", version, kSchemaVersion));
        if (version > kSchemaVersion) {
            fact("A newer angod wrote the store: its own \"angod store check\" can say more.");
            structure(db);
            return false;
        }
        version_ = version < 1 ? kSchemaVersion : version;
        return true;
    }

    void structure(Database &db) {
        std::vector<std::string> faults;
        try {
            for (Statement ask(db, "PRAGMA integrity_check(100)"); ask.step();) faults.push_back(ask.text(0));
        } catch (const SqliteError &e) { // it ends in the middle of a table that is damaged
            if (!e.is_damage()) throw;
            faults.push_back(e.reason);
        }
        if (faults.size() == 1 && faults.front() == "ok") return fact("Its structure is whole.");
        std::string sentence =
            fmt::format("The structure of {} is damaged in {}{} place{}:", database_.string(),
                        faults.size() < 100 ? "" : "at least ", faults.size(), plural(faults.size()));
        for (std::size_t i = 0; i < faults.size() && i < kShownFaults; ++i) {
            std::string line = faults[i];
            for (char &c : line)
                if (static_cast<unsigned char>(c) < ' ') c = ' '; // a name may be damaged, too
            sentence += "\n  " + line;
        }
        damaged(std::move(sentence));
    }

    void rows(Database &db) {
        Database whole(":memory:");
        prepare_schema(whole, "", false, schema_steps().first(static_cast<std::size_t>(version_)));
        const auto accounts =
            read_tables(db, tables_of(whole),
                        [this](const Table &table, const std::vector<std::string> &columns, const Statement &row) {
                            if (auto file = event_file_of(table.name, columns, row))
                                events_.push_back(std::move(*file));
                            return true;
                        });
        for (const TableAccount &account : accounts) {
            const auto lines = lines_of(account, "can be read");
            if (account.is_whole()) {
                fact(lines.front());
                continue;
            }
            std::string sentence;
            for (const std::string &line : lines) sentence += (sentence.empty() ? "" : "\n") + line;
            damaged(std::move(sentence));
        }
    }

    void event_files() {
        std::set<std::string> needed;
        for (const EventFile &event : events_) {
            needed.insert(event.id);
            const fs::path file = folder_ / kEvents / event.id;
            if (!is_there(file)) {
                problem(fmt::format("The event file {} is missing: the job {} will fail with an error to its user.",
                                    file.string(), event.id));
                continue;
            }
            const auto bytes = files::read(file, kMostEvent);
            if (!bytes)
                problem(bytes.error().text + ".");
            else if (sha256(*bytes) != event.digest)
                problem(fmt::format("The event file {} is damaged: cancel the job {} with \"angoctl job {} cancel\".",
                                    file.string(), event.id, event.id));
        }
        std::size_t others = 0;
        std::error_code failed;
        for (const auto &entry : fs::directory_iterator(folder_ / kEvents, failed))
            others += needed.contains(entry.path().filename().string()) ? 0 : 1;
        fact(fmt::format("{} event{} of queued jobs in files; {} file{} of other jobs, which the next start removes.",
                         needed.size(), plural(needed.size()), others, plural(others)));
    }

    StoreReport finish() {
        if (report_.needs_salvage)
            report_.remedies.push_back(
                "Back up the folder, or restore a backup. Otherwise run \"angod store salvage\" with "
                "the same --config: it makes a new store of all that can be read, and keeps the "
                "old one.");
        return std::move(report_);
    }

    const fs::path folder_, database_;
    std::int64_t version_ = kSchemaVersion;
    std::vector<EventFile> events_;
    StoreReport report_;
};

} // namespace

StoreReport check_store(const fs::path &folder) {
    std::optional<files::Lock> lock;
    if (is_there(folder / kLock) && !files::access_problem(folder / kLock, files::Need::write)) {
        auto taken = files::Lock::take(folder / kLock);
        if (!taken) {
            StoreReport report;
            report.problems.push_back(
                taken.error().code == Code::full
                    ? fmt::format("An angod is using {}. Stop it first, for example with \"systemctl stop angod\".",
                                  folder.string())
                    : taken.error().text + ".");
            return report;
        }
        lock.emplace(std::move(*taken));
    }
    return Check(folder).all();
}

} // namespace angod::jobs
