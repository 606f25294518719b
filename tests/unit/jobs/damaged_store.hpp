// A store of jobs on the disk, and ways to damage it.
#pragma once

#include "base/ids.hpp"
#include "jobs/schema.hpp"
#include "jobs/sqlite.hpp"
#include "jobs/store_folder.hpp"
#include "temporary_folder.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace damaged {

namespace fs = std::filesystem;
using namespace angod::jobs;

inline constexpr std::size_t kPage = 4096;

/// All columns of a job as one text, by its id.
using Jobs = std::map<std::string, std::string>;

inline Jobs jobs_in(Database &db) {
    Jobs jobs;
    for (Statement ask(
             db, "SELECT id, quote(seq) || quote(plugin) || quote(kind) || quote(session) || quote(digest) || "
                 "quote(state) || quote(attempts) || quote(created_ms) || quote(event) || quote(answer) FROM jobs");
         ask.step();)
        jobs[ask.text(0)] = ask.text(1);
    return jobs;
}

class DamagedStore {
public:
    /// Jobs of which each third is queued with an event of some hundred bytes, one is queued with a long one in the
    /// database, and one is queued with an event in a file.
    explicit DamagedStore(int jobs = 120) {
        fs::create_directories(folder() / kEvents);
        Database db(path().string());
        prepare_schema(db, path().string(), false);
        db.run("BEGIN");
        for (int i = 0; i < jobs; ++i) add(db, i);
        db.run("INSERT INTO ready VALUES('fact', 1)");
        db.run("INSERT INTO module_history VALUES('echo', '[]')");
        db.run("COMMIT");
        original = jobs_in(db);
    }

    fs::path folder() const { return temporary_.path() / "state"; }
    fs::path path() const { return folder() / kDatabase; }
    std::size_t pages() const { return fs::file_size(path()) / kPage; }

    /// The numbers of the pages (from 1) of a table or an index, of a kind: "leaf", "internal", "overflow".
    std::vector<std::size_t> pages_of(std::string_view name, std::string_view kind) const {
        Database db(path().string(), Database::ReadOnly{});
        std::vector<std::size_t> out;
        Statement ask(db, "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = ?2 ORDER BY pageno");
        for (ask.bind(name, kind); ask.step();) out.push_back(static_cast<std::size_t>(ask.number(0)));
        return out;
    }
    std::size_t rows_on(std::size_t page) const {
        Database db(path().string(), Database::ReadOnly{});
        Statement ask(db, "SELECT ncell FROM dbstat WHERE pageno = ?1");
        ask.bind(static_cast<std::int64_t>(page));
        return ask.step() ? static_cast<std::size_t>(ask.number(0)) : 0;
    }

    void write(std::size_t offset, const std::string &bytes) const {
        std::fstream out(path(), std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(offset));
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    void fill_page(std::size_t page, char with) const { write((page - 1) * kPage, std::string(kPage, with)); }

    /// The folder as it is, so that it can be put back.
    void save() const { fs::copy(folder(), temporary_.path() / "saved", fs::copy_options::recursive); }
    void restore() const {
        fs::remove_all(folder());
        fs::copy(temporary_.path() / "saved", folder(), fs::copy_options::recursive);
    }
    /// The folder damaged-DATE.
    fs::path kept() const {
        for (const auto &entry : fs::directory_iterator(folder()))
            if (entry.path().filename().string().starts_with("damaged-")) return entry.path();
        return {};
    }
    Jobs jobs() const {
        Database db(path().string());
        return jobs_in(db);
    }

    Jobs original;
    std::string id_in_file; ///< of the job whose event is in a file

private:
    void add(Database &db, int i) {
        const std::string id = angod::new_id();
        const bool queued = i % 3 == 0, in_file = i == 3;
        const std::string event = fmt::format(R"({{"n":{},"pad":"{}"}})", i, std::string(i == 6 ? 20'000 : 400, 'p'));
        Statement insert(
            db, "INSERT INTO jobs(id, plugin, kind, session, digest, log_context, state, attempts, created_ms, "
                "not_before_ms, event, answer, outcome) VALUES(?1, 'p', 1, ?2, ?3, '{}', ?4, 0, ?5, 0, ?6, ?7, 2)");
        const std::string digest = angod::sha256(event), session = fmt::format("\"session-{}\"", i);
        const bool has_event = queued && !in_file;
        const auto stored = has_event ? std::optional(Statement::as_blob(event)) : std::nullopt;
        insert.bind(id, session, Statement::as_blob(digest), static_cast<std::int64_t>(queued ? 0 : 2),
                    static_cast<std::int64_t>(i), stored, queued ? std::string_view() : std::string_view(R"({"a":1})"));
        insert.run();
        if (!in_file) return;
        id_in_file = id;
        std::ofstream(folder() / kEvents / id, std::ios::binary) << event;
    }

    TemporaryFolder temporary_;
};

} // namespace damaged
