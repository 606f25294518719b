// The sentences of a start and of "angod store check" about stores that are damaged, foreign, incomplete or in use.
//
// Each store is a real SQLite file that angod's own schema has made, and is damaged on the disk.
#include "jobs/store_check.hpp"

#include "base/clock.hpp"
#include "damaged_store.hpp"
#include "jobs/store.hpp"
#include "printing.hpp"
#include "run_coroutine.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace damaged;

namespace {

/// The error of a start; empty if it succeeds.
std::string start(const fs::path &folder) {
    asio::io_context context;
    const auto opened = Store::open(folder, false, context.get_executor());
    return opened ? "" : opened.error().text;
}

std::string refusal(const fs::path &path, const std::string &how) {
    return "the job store " + path.string() + " is damaged: " + how +
           ". angod has changed nothing. Run \"angod store check\" with the same --config, which shows what is lost, "
           "and then "
           "\"angod store salvage\", which makes a new store of all that can be read and keeps the old one";
}

std::string all_of(const std::vector<std::string> &lines) {
    std::string out;
    for (const std::string &line : lines) out += line + "\n";
    return out;
}

std::map<std::string, std::string> files_of(const fs::path &folder) {
    std::map<std::string, std::string> out;
    for (const auto &entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        out[entry.path().string()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return out;
}

} // namespace

TEST_CASE("a store in order is described table by table, and nothing is changed") {
    const DamagedStore store;
    const auto before = files_of(store.folder());
    const StoreReport report = check_store(store.folder());
    CHECK(report.in_order());
    CHECK(report.facts == std::vector<std::string>{
                              fmt::format("{} has {} bytes.", store.path().string(), store.pages() * kPage),
                              fmt::format("Its schema has version {0}; this angod writes version {0}.", kSchemaVersion),
                              "Its structure is whole.",
                              "Table attempts: 0 rows can be read, none lost.",
                              "Table jobs: 120 rows can be read, none lost.",
                              "Table meta: 1 row can be read, none lost.",
                              "Table module_history: 1 row can be read, none lost.",
                              "Table ready: 1 row can be read, none lost.",
                              "1 event of queued jobs in files; 0 files of other jobs, which the next start removes.",
                          });
    CHECK(files_of(store.folder()) == before);
    CHECK(start(store.folder()) == "");
}

TEST_CASE("a store that a killed angod left with a write-ahead log is read with the log, and nothing is changed") {
    const DamagedStore store;
    const fs::path copy = store.folder().parent_path() / "killed";
    {
        Database db(store.path().string());
        db.run("UPDATE jobs SET problem = 'in the log' WHERE seq = 1");
        db.run("DELETE FROM jobs WHERE seq > 100");
        fs::copy(store.folder(), copy, fs::copy_options::recursive);
    }
    REQUIRE(fs::file_size(copy / "jobs.db-wal") > 0);
    fs::remove(copy / "jobs.db-shm");
    const auto before = files_of(copy);
    const StoreReport report = check_store(copy);
    CHECK(all_of(report.problems) == "");
    CHECK(all_of(report.facts).find("Table jobs: 100 rows can be read, none lost.") != std::string::npos);
    CHECK(files_of(copy) == before);
}

TEST_CASE("a start refuses a file that is no store, names the damage and the commands, and leaves the file as it is") {
    const DamagedStore store;
    store.save();
    const auto refused = [&](const std::string &how) {
        const auto before = files_of(store.folder());
        CHECK(start(store.folder()) == refusal(store.path(), how));
        auto after = files_of(store.folder());
        after.erase((store.folder() / kLock).string());
        CHECK(after == before);
        const StoreReport report = check_store(store.folder());
        CHECK(all_of(report.problems) == store.path().string() + " is damaged: " + how + ".\n");
        CHECK(report.needs_salvage);
        store.restore();
    };
    SUBCASE("zeros instead of the header") {
        store.write(0, std::string(100, '\0'));
        refused("its beginning is overwritten with zeros");
    }
    SUBCASE("another file") {
        std::ofstream(store.path(), std::ios::trunc) << std::string(5000, 'x');
        refused("it is no SQLite database, or its beginning is overwritten");
    }
    SUBCASE("an empty file") {
        std::ofstream(store.path(), std::ios::trunc).close();
        refused("it is empty, although angod has worked in this folder before");
    }
    SUBCASE("a file of a few bytes") {
        fs::resize_file(store.path(), 20);
        refused("it is no SQLite database, or its beginning is overwritten");
    }
}

TEST_CASE("a start refuses a store whose end is cut off, with both lengths") {
    const DamagedStore store;
    const auto whole = fs::file_size(store.path());
    fs::resize_file(store.path(), whole / 2);
    const std::string how = fmt::format("it has {} bytes, but should have {}: its end is cut off", whole / 2, whole);
    CHECK(start(store.folder()) == refusal(store.path(), how));
    const StoreReport report = check_store(store.folder());
    CHECK(report.problems.front() == store.path().string() + " is damaged: " + how + ".");
    CHECK(report.needs_salvage);
}

TEST_CASE("the database of another program is refused, and gets no tables of angod") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / kDatabase;
    {
        Database db(path.string());
        db.run("CREATE TABLE notes(text)");
    }
    const auto before = files_of(folder.path());
    CHECK(start(folder.path()) == path.string() +
                                      " is a SQLite database, but not the job store of angod; move it away, "
                                      "or name another state_dir");
    CHECK(files_of(folder.path()).at(path.string()) == before.at(path.string()));
    const StoreReport report = check_store(folder.path());
    CHECK(all_of(report.problems) == path.string() +
                                         " is a SQLite database, but not the job store of angod. Move it away, or "
                                         "name another state_dir.\n");
    CHECK_FALSE(report.needs_salvage);
}

TEST_CASE("a damaged page is found at the start and by the check, and the rows that are lost are named") {
    const DamagedStore store;
    const std::size_t page = store.pages_of("jobs", "leaf").at(5), rows = store.rows_on(page);
    REQUIRE(rows > 1);
    store.fill_page(page, '\xa5');
    CHECK(start(store.folder()).starts_with("the job store " + store.path().string() + " is damaged: "));
    const StoreReport report = check_store(store.folder());
    REQUIRE(report.problems.size() == 2);
    CHECK(report.problems[0].starts_with("The structure of " + store.path().string() + " is damaged in "));
    CHECK(report.problems[1].starts_with(
        fmt::format("Table jobs: {} rows can be read, {} rows lost (database disk image is "
                    "malformed):\n  row ",
                    120 - rows, rows)));
    CHECK(all_of(report.remedies) ==
          "Back up the folder, or restore a backup. Otherwise run \"angod store salvage\" with the "
          "same --config: it makes a new store of all that can be read, and keeps the old one.\n");
}

TEST_CASE("an event that is not the recorded one is found, in the database and in a file") {
    const DamagedStore store;
    {
        Database db(store.path().string());
        db.run("UPDATE jobs SET event = x'7b7d' WHERE seq = 1");
    }
    const fs::path file = store.folder() / kEvents / store.id_in_file;
    std::ofstream(file, std::ios::trunc) << "{}";
    const StoreReport report = check_store(store.folder());
    REQUIRE(report.problems.size() == 2);
    CHECK(report.problems[0] ==
          "Table jobs: 119 rows can be read, 1 row lost:\n  row 1: its event is not the one that was "
          "recorded");
    CHECK(report.problems[1] ==
          fmt::format("The event file {} is damaged: cancel the job {} with \"angoctl job {} cancel\".", file.string(),
                      store.id_in_file, store.id_in_file));
}

TEST_CASE("a missing event file is named with its job, and a salvage is not asked for") {
    const DamagedStore store;
    const fs::path file = store.folder() / kEvents / store.id_in_file;
    fs::remove(file);
    const StoreReport report = check_store(store.folder());
    CHECK(all_of(report.problems) ==
          fmt::format("The event file {} is missing: the job {} will fail with an error to its "
                      "user.\n",
                      file.string(), store.id_in_file));
    CHECK_FALSE(report.needs_salvage);
}

TEST_CASE("a write-ahead log that is gone after a kill is told of by the check, and not after a clean stop") {
    const DamagedStore store;
    const fs::path killed = store.folder().parent_path() / "killed";
    {
        asio::io_context context;
        const auto running = Store::open(store.folder(), false, context.get_executor());
        REQUIRE(running);
        fs::copy(store.folder(), killed, fs::copy_options::recursive);
    }
    CHECK_FALSE(is_log_missing(store.folder()));
    CHECK(check_store(store.folder()).in_order());
    REQUIRE(fs::exists(killed / "jobs.db-wal"));
    CHECK_FALSE(is_log_missing(killed));
    fs::remove(killed / "jobs.db-wal");
    CHECK(is_log_missing(killed));
    CHECK(all_of(check_store(killed).problems)
              .starts_with((killed / "jobs.db-wal").string() +
                           " is missing, although angod did not close the store. If the "
                           "file was deleted, the last runs and answers are lost;"));
}

TEST_CASE("a store in use is not looked at") {
    const DamagedStore store;
    asio::io_context context;
    const auto running = Store::open(store.folder(), false, context.get_executor());
    REQUIRE(running);
    CHECK(all_of(check_store(store.folder()).problems) ==
          fmt::format("An angod is using {}. Stop it first, for example with \"systemctl stop angod\".\n",
                      store.folder().string()));
}

TEST_CASE("a folder without a store is no problem") {
    const TemporaryFolder folder;
    const StoreReport report = check_store(folder.path());
    CHECK(report.in_order());
    CHECK(all_of(report.facts) == fmt::format("There is no store {} yet. angod makes it at its next start.\n",
                                              (folder.path() / kDatabase).string()));
}
