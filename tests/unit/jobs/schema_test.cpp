// Builds of different versions that use one store in turns. A build is its list of schema steps.
#include "jobs/schema.hpp"

#include "jobs/store.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace angod;
using namespace angod::jobs;
namespace fs = std::filesystem;

namespace {

/// The next build adds a column, and lets this one use the store.
const std::string kAdds = "ALTER TABLE jobs ADD COLUMN later TEXT NOT NULL DEFAULT ''; PRAGMA user_version = " +
                          std::to_string(kSchemaVersion + 1);
/// The one after that renames a column.
const std::string kBreaks =
    "ALTER TABLE jobs RENAME COLUMN problem TO why; UPDATE meta SET value = " + std::to_string(kSchemaVersion + 2) +
    "; PRAGMA user_version = " + std::to_string(kSchemaVersion + 2);

std::vector<SchemaStep> build(std::int64_t version) {
    std::vector<SchemaStep> steps(schema_steps().begin(), schema_steps().end());
    if (version > kSchemaVersion) steps.push_back({kAdds.c_str(), kSchemaVersion});
    if (version > kSchemaVersion + 1) steps.push_back({kBreaks.c_str(), kSchemaVersion + 2});
    steps.resize(static_cast<std::size_t>(version));
    return steps;
}

struct World {
    TemporaryFolder folder;
    fs::path state = folder.path() / "state";
    std::string path = (state / "jobs.db").string();

    World() { fs::create_directory(state); }
    /// A build of a version starts and writes a job. False: it does not use the store.
    bool use(std::int64_t version, const std::string &job = "") {
        Database db(path);
        if (!prepare_schema(db, path, false, build(version))) return false;
        if (!job.empty())
            Statement(db,
                      "INSERT INTO jobs(id, plugin, kind, session, digest, log_context, state, attempts, created_ms, "
                      "not_before_ms) VALUES(?1, 'p', 1, 's', x'00', '{}', 0, 0, 0, 0)")
                .bind(std::string_view(job))
                .run();
        return true;
    }
    std::string jobs(const std::string &file) {
        Database db(file);
        std::string all;
        for (Statement ask(db, "SELECT id FROM jobs ORDER BY seq"); ask.step();) all += std::string(ask.text(0)) + " ";
        return all;
    }
};

} // namespace

TEST_CASE("an older build uses the store of a newer one that only adds, and both go on with it") {
    World w;
    CHECK(w.use(kSchemaVersion, "a"));
    CHECK(w.use(kSchemaVersion + 1, "b"));
    CHECK(w.use(kSchemaVersion, "c"));
    CHECK(w.use(kSchemaVersion + 1, "d"));
    CHECK(w.jobs(w.path) == "a b c d ");
    for (const auto &entry : fs::directory_iterator(w.state)) CHECK(entry.path() == w.path); // no copy
}

TEST_CASE("before a step that older builds cannot follow, a copy is made that they can use") {
    World w;
    CHECK(w.use(kSchemaVersion + 1, "a"));
    CHECK(w.use(kSchemaVersion + 2, ""));
    CHECK_FALSE(w.use(kSchemaVersion + 1));
    CHECK_FALSE(w.use(kSchemaVersion));
    const std::string copy = schema_copy(w.path, kSchemaVersion + 1);
    CHECK(w.jobs(copy) == "a ");
    CHECK((fs::status(copy).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
    // The downgrade, and the upgrade after it. The second copy takes the place of the first.
    fs::rename(copy, w.path);
    CHECK(w.use(kSchemaVersion, "b"));
    CHECK(w.use(kSchemaVersion + 2));
    CHECK(w.jobs(w.path) == "a b ");
    CHECK(w.jobs(copy) == "a b ");
}

TEST_CASE("without room for the copy there is no upgrade") {
    World w;
    CHECK(w.use(kSchemaVersion, "a"));
    const fs::path part = schema_copy(w.path, kSchemaVersion) + ".part";
    fs::create_directories(part / "in the way");
    CHECK_THROWS_AS(w.use(kSchemaVersion + 2), SqliteError);
    fs::remove_all(part);
    CHECK(w.use(kSchemaVersion, "b"));
    CHECK(w.jobs(w.path) == "a b ");
}

TEST_CASE("a new store has no copy, and a copy is removed after 30 days") {
    World w;
    CHECK(w.use(kSchemaVersion + 2));
    CHECK_FALSE(fs::exists(schema_copy(w.path, 0)));
    const std::string old = schema_copy(w.path, kSchemaVersion - 1), young = schema_copy(w.path, kSchemaVersion);
    for (const std::string &file : {old, young, young + ".part"}) std::ofstream(file) << "x";
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(old, now - std::chrono::days(31));
    fs::last_write_time(young, now - std::chrono::days(29));
    remove_old_copies(w.path);
    CHECK_FALSE(fs::exists(old));
    CHECK(fs::exists(young));
    CHECK_FALSE(fs::exists(young + ".part")); // of a start that was killed
}
