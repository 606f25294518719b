// A new store of a damaged one: what is kept, what is lost and told of, and what a kill leaves.
//
// The damage is a page, a part of a page, the beginning or the end of a real SQLite file, at fixed places and at random ones
// with fixed seeds.
#include "jobs/store_salvage.hpp"

#include "damaged_store.hpp"
#include "jobs/store.hpp"
#include "jobs/store_check.hpp"
#include "printing.hpp"
#include "run_coroutine.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace angod;
using namespace damaged;

namespace {

bool starts(const fs::path &folder) {
    asio::io_context context;
    return Store::open(folder, false, context.get_executor()).has_value();
}

std::string salvaged(const DamagedStore &store) {
    const auto lines = salvage_store(store.folder());
    INFO((lines ? std::string() : lines.error().text));
    REQUIRE(lines);
    std::string out;
    for (const std::string &line : *lines) out += line + "\n";
    return out;
}

/// Each of the jobs is one of the original ones, in all of its columns.
bool are_original(const Jobs &jobs, const Jobs &original) {
    return std::all_of(jobs.begin(), jobs.end(), [&](const auto &job) {
        const auto found = original.find(job.first);
        return found != original.end() && found->second == job.second;
    });
}

std::string bytes_of(const fs::path &file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("of a store with one damaged page all rows of the other pages are kept, and the lost ones are named") {
    const DamagedStore store;
    store.save();
    for (const std::size_t page : store.pages_of("jobs", "leaf")) {
        const std::size_t rows = store.rows_on(page);
        store.fill_page(page, '\0');
        const std::string damaged = bytes_of(store.path());
        const std::string told = salvaged(store);
        const Jobs jobs = store.jobs();
        CHECK(jobs.size() == store.original.size() - rows);
        CHECK(are_original(jobs, store.original));
        for (const auto &row : store.original) {
            const std::string &id = row.first;
            CHECK_MESSAGE((jobs.contains(id) || told.find(id) != std::string::npos), "neither kept nor named: ", id);
        }
        CHECK(bytes_of(store.kept() / kDatabase) == damaged);
        CHECK(check_store(store.folder()).in_order());
        CHECK(starts(store.folder()));
        store.restore();
    }
}

TEST_CASE("without the inner page of the table the rows are lost, but an index names them") {
    const DamagedStore store(15); // few enough to be named
    const auto inner = store.pages_of("jobs", "internal");
    REQUIRE(inner.size() == 1);
    store.fill_page(inner.front(), '\0');
    const std::string told = salvaged(store);
    for (const auto &[id, columns] : store.original) CHECK(told.find(id) != std::string::npos);
    CHECK(told.find("Table jobs: 0 rows kept, 15 rows lost") != std::string::npos);
    CHECK(told.find("Table ready: 1 row kept, none lost.") != std::string::npos);
    CHECK(check_store(store.folder()).in_order());
}

TEST_CASE("a row whose long event is damaged is lost alone") {
    const DamagedStore store;
    const auto overflow = store.pages_of("jobs", "overflow");
    REQUIRE(overflow.size() > 2);
    store.fill_page(overflow[1], '\xff');
    salvaged(store);
    CHECK(store.jobs().size() == store.original.size() - 1);
    CHECK(are_original(store.jobs(), store.original));
}

TEST_CASE("a damaged index costs no row") {
    const DamagedStore store;
    for (const std::size_t page : store.pages_of("sqlite_autoindex_jobs_1", "leaf")) store.fill_page(page, '\x11');
    salvaged(store);
    CHECK(store.jobs() == store.original);
}

TEST_CASE("of a store with an overwritten beginning all jobs are kept") {
    const DamagedStore store;
    SUBCASE("the header") { store.write(0, std::string(100, '\0')); }
    SUBCASE("the first page") { store.fill_page(1, '\0'); }
    SUBCASE("the first page, with other bytes") { store.fill_page(1, 'x'); }
    const std::string told = salvaged(store);
    CHECK(store.jobs() == store.original);
    CHECK(told.find("The first page was lost: only the table jobs could be read.") != std::string::npos);
    CHECK(starts(store.folder()));
}

TEST_CASE("of a store whose end is cut off the rows before the cut are kept") {
    const DamagedStore store;
    // The last two pages of the table are behind the cut, and so is a part of the index.
    const auto leaves = store.pages_of("jobs", "leaf");
    std::size_t lost = 0;
    for (const std::size_t page : {leaves.at(leaves.size() - 2), leaves.back()}) lost += store.rows_on(page);
    fs::resize_file(store.path(), (leaves.at(leaves.size() - 2) - 1) * kPage);
    salvaged(store);
    CHECK(store.jobs().size() == store.original.size() - lost);
    CHECK(are_original(store.jobs(), store.original));
    CHECK(check_store(store.folder()).in_order());
}

TEST_CASE("of stores with random damage every kept row is an original one, and the new store is in order") {
    const DamagedStore store;
    store.save();
    for (unsigned seed = 1; seed <= 25; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
        for (std::size_t i = 0, n = 1 + below(6); i < n; ++i) {
            std::string bytes(kPage, '\0');
            for (char &c : bytes) c = static_cast<char>(below(256));
            store.write((1 + below(store.pages() - 1)) * kPage, bytes); // not the first page
        }
        const auto done = salvage_store(store.folder());
        const bool nothing_left = !done && done.error().text.starts_with("nothing of a job store can be read in ");
        CHECK((done || nothing_left));
        if (done) {
            CHECK(are_original(store.jobs(), store.original));
            CHECK(check_store(store.folder()).in_order());
            CHECK(starts(store.folder()));
        }
        store.restore();
    }
}

TEST_CASE("single wrong bytes anywhere never end a start, a check or a salvage") {
    const DamagedStore store(30);
    store.save();
    for (unsigned seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
        for (int i = 0; i < 8; ++i)
            store.write(below(store.pages() * kPage), std::string(1, static_cast<char>(below(256))));
        const bool in_order = check_store(store.folder()).in_order();
        const auto done = salvage_store(store.folder());
        if (done) // a wrong digit of an id cannot be noticed, but then the job's event file has another name
            for (const std::string &problem : check_store(store.folder()).problems)
                CHECK_MESSAGE(problem.starts_with("The event file "), problem);
        if (in_order) CHECK(done);
        starts(store.folder());
        store.restore();
    }
}

TEST_CASE("a store in order is left as it is, and so is a foreign file") {
    const DamagedStore store;
    const std::string before = bytes_of(store.path());
    CHECK(salvaged(store) ==
          fmt::format("The store in {} is in order. Nothing was changed.\n", store.folder().string()));
    CHECK(bytes_of(store.path()) == before);
    const std::string foreign(20'000, 'x');
    std::ofstream(store.path(), std::ios::trunc) << foreign;
    const auto refused = salvage_store(store.folder());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text ==
          fmt::format("nothing of a job store can be read in {}; restore a backup, or move the file "
                      "away to start with an empty store",
                      store.path().string()));
    CHECK(bytes_of(store.path()) == foreign);
    CHECK(store.kept().empty());
}

TEST_CASE("the write-ahead log of a damaged store is read, kept, and not applied to the new store") {
    const DamagedStore store;
    const std::size_t page = store.pages_of("jobs", "leaf").at(8), rows = store.rows_on(page);
    const fs::path copy = store.folder().parent_path() / "killed";
    {
        Database db(store.path().string());
        db.run("UPDATE jobs SET attempts = 7 WHERE seq = 1");
        fs::copy(store.folder(), copy, fs::copy_options::recursive);
    }
    std::fstream(copy / kDatabase, std::ios::binary | std::ios::in | std::ios::out)
        .seekp(static_cast<std::streamoff>((page - 1) * kPage))
        .write(std::string(kPage, '\0').data(), kPage);
    REQUIRE(salvage_store(copy));
    CHECK_FALSE(fs::exists(copy / "jobs.db-wal"));
    Database db((copy / kDatabase).string());
    CHECK(jobs_in(db).size() == store.original.size() - rows);
    Statement ask(db, "SELECT attempts FROM jobs WHERE seq = 1");
    REQUIRE(ask.step());
    CHECK(ask.number(0) == 7);
    for (const auto &entry : fs::directory_iterator(copy))
        if (entry.path().filename().string().starts_with("damaged-")) CHECK(fs::exists(entry.path() / "jobs.db-wal"));
}

TEST_CASE("a store whose file is empty or missing is refused while its log has pages, and is read from there") {
    const DamagedStore store;
    for (const bool missing : {false, true}) {
        CAPTURE(missing);
        const fs::path copy = store.folder().parent_path() / (missing ? "missing" : "empty");
        {
            Database db(store.path().string());
            db.run("VACUUM"); // writes every page into the log
            fs::copy(store.folder(), copy, fs::copy_options::recursive);
        }
        fs::remove(copy / "jobs.db-shm");
        std::ofstream(copy / kDatabase, std::ios::trunc).close();
        if (missing) fs::remove(copy / kDatabase);
        const auto log = fs::file_size(copy / "jobs.db-wal");
        REQUIRE(log > 0);
        const std::string how = missing ? "it is missing, although its write-ahead log is there"
                                        : "it is empty, although its write-ahead log is not";
        const auto usable = examine(copy);
        REQUIRE(!usable);
        CHECK(usable.error().text == damage_sentence(copy / kDatabase, how));
        const StoreReport report = check_store(copy);
        CHECK(report.needs_salvage);
        CHECK(report.problems.front() == (copy / kDatabase).string() + " is damaged: " + how + ".");
        CHECK(fs::file_size(copy / "jobs.db-wal") == log);
        const auto done = salvage_store(copy);
        REQUIRE(done);
        Database db((copy / kDatabase).string());
        CHECK(jobs_in(db) == store.original);
    }
}

TEST_CASE("files of events stay with the old store, also after a start has removed those of lost jobs") {
    const DamagedStore store;
    store.fill_page(store.pages_of("jobs", "leaf").front(), '\0'); // which has the job with the file
    salvaged(store);
    CHECK_FALSE(store.jobs().contains(store.id_in_file));
    CHECK(starts(store.folder()));
    CHECK_FALSE(fs::exists(store.folder() / kEvents / store.id_in_file));
    CHECK(fs::exists(store.kept() / kEvents / store.id_in_file));
}

TEST_CASE("a salvage that was killed leaves the old store or the new one, and the next one goes on") {
    const DamagedStore store;
    store.fill_page(store.pages_of("jobs", "leaf").at(5), '\0');
    store.save();
    const auto damaged_is_in_place = [&] { return !check_store(store.folder()).in_order(); };
    SUBCASE("while it was writing the new store") {
        fs::create_directories(store.folder() / "salvage.part");
        std::ofstream(store.folder() / "salvage.part" / kDatabase) << "the beginning of a store";
        CHECK(damaged_is_in_place());
    }
    SUBCASE("while it was keeping the old store") {
        fs::create_directories(store.folder() / "damaged-2026-01-01T00-00-00Z.part");
        CHECK(damaged_is_in_place());
    }
    salvaged(store);
    const Jobs expected = store.jobs();
    CHECK_FALSE(fs::exists(store.folder() / "salvage.part"));
    // The new store is complete, and the old one with its log is still in its place.
    const std::string complete = bytes_of(store.path());
    store.restore();
    std::ofstream(store.folder() / kSalvaged, std::ios::binary) << complete;
    std::ofstream(store.path().string() + "-wal", std::ios::binary) << "of the old store";
    SUBCASE("before the new store was in its place: the start puts it there") { CHECK(starts(store.folder())); }
    SUBCASE("before the new store was in its place: a salvage puts it there") {
        CHECK(salvaged(store) == "The new store of a salvage that was ended early is in its place now.\n");
    }
    SUBCASE("after the log was removed") {
        fs::remove(store.path().string() + "-wal");
        CHECK(starts(store.folder()));
    }
    if (!fs::exists(store.folder() / kSalvaged)) CHECK(store.jobs() == expected);
}

TEST_CASE("a store of an older version is salvaged in that version, and upgraded by the next start") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / kDatabase;
    {
        Database db(path.string());
        prepare_schema(db, path.string(), false, schema_steps().first(2));
        for (int i = 0; i < 200; ++i)
            Statement(db,
                      "INSERT INTO jobs(id, plugin, kind, session, digest, log_context, state, attempts, created_ms, "
                      "not_before_ms, problem) VALUES(?1, 'p', 32, '\"s\"', x'00', '{}', 3, 0, 0, 0, ?2)")
                .bind(std::string_view(new_id()), std::string_view(std::string(200, 'x')))
                .run();
        db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    std::fstream(path, std::ios::binary | std::ios::in | std::ios::out)
        .seekp(static_cast<std::streamoff>(12 * kPage))
        .write(std::string(kPage, '\0').data(), kPage);
    REQUIRE(salvage_store(folder.path()));
    CHECK(starts(folder.path()));
    Database db(path.string());
    Statement ask(db, "SELECT count(*), sum(effects) FROM jobs");
    REQUIRE(ask.step());
    CHECK(ask.number(0) > 150);
    CHECK(ask.number(1) == 0); // as the upgrade sets it for inputs
}
