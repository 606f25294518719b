// The store on a real SQLite file, with restarts in between.
//
// Also: stores of other schemas, other processes that use the database, and the times that a restart of the machine changes.
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "jobs/schema.hpp"
#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"
#include "printing.hpp"
#include "run_coroutine.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::jobs;

namespace {

JobPtr make_job(const std::string &session, std::string event, PluginKind kind = PluginKind::export_) {
    auto job = std::make_shared<Job>();
    job->id = new_id();
    job->plugin = "p";
    job->kind = kind;
    job->effects = has_effects(kind, {});
    job->session = session;
    job->digest = sha256(event);
    job->log_context = "{}";
    job->created_ms = now_ms();
    job->created_boot_ms = since_boot_ms();
    job->event = std::make_shared<const std::string>(std::move(event));
    return job;
}

struct Opened {
    asio::io_context context;
    std::unique_ptr<Store> store;
    OpenJobs open; ///< when the store was opened
    explicit Opened(const std::filesystem::path &folder) {
        auto opened = Store::open(folder, false, context.get_executor());
        REQUIRE(opened);
        store = std::move(*opened);
        open = store->take_open_jobs();
    }
    template <class T> T run(awaitable<T> task) { return run_coroutine(context, std::move(task)); }
};

Result<Store::Recorded> record(Opened &o, const JobPtr &job, bool look_for_same) {
    return o.run(o.store->record(job, job->event, {.ended = look_for_same}));
}

} // namespace

TEST_CASE("a recorded job is there after a restart, with its event and checkpoint") {
    const TemporaryFolder folder;
    const JobPtr small = make_job("\"s\"", "small"), large = make_job("\"l\"", std::string(1 << 20, 'x'));
    {
        Opened o(folder.path() / "state");
        REQUIRE(o.run(o.store->record(small, small->event, {.ended = true})));
        REQUIRE(o.run(o.store->record(large, large->event, {.ended = true})));
        REQUIRE(o.run(o.store->checkpoint(small->id, std::string("a\0b", 3))));
    }
    Opened o(folder.path() / "state");
    REQUIRE(o.open.jobs.size() == 2);
    CHECK(o.open.jobs[0]->id == small->id);
    CHECK(o.open.jobs[0]->state == State::queued);
    CHECK(o.open.jobs[0]->checkpoint == std::string("a\0b", 3));
    CHECK(*o.run(o.store->event(small->id)) == "small");
    CHECK(*o.run(o.store->event(large->id)) == *large->event);
}

TEST_CASE("a finished job keeps its answer until it is confirmed, and its event is gone") {
    const TemporaryFolder folder;
    const JobPtr job = make_job("\"s\"", "with the key abcdef");
    {
        Opened o(folder.path() / "state");
        REQUIRE(o.run(o.store->record(job, job->event, {.ended = true})));
        job->answer = {"the answer", State::done, ""};
        REQUIRE(o.run(o.store->finish(job)));
    }
    {
        Opened o(folder.path() / "state");
        REQUIRE(o.open.jobs.size() == 1);
        CHECK(o.open.jobs[0]->state == State::answering);
        CHECK(o.open.jobs[0]->answer.message == "the answer");
        REQUIRE(o.run(o.store->confirm({o.open.jobs[0]})));
    }
    Opened o(folder.path() / "state");
    CHECK(o.open.jobs.empty());
    const auto rows = o.run(o.store->list({}));
    REQUIRE(rows->size() == 1);
    CHECK(rows->front().state == State::done);
}

TEST_CASE("the same event finds the job that ended a short while ago, another event does not") {
    const TemporaryFolder folder;
    Opened o(folder.path() / "state");
    const JobPtr first = make_job("\"s\"", "event");
    REQUIRE(o.run(o.store->record(first, first->event, {.ended = true})));
    first->answer = {"A", State::done, ""};
    REQUIRE(o.run(o.store->finish(first)));
    const auto again = record(o, make_job("\"s\"", "event"), true);
    REQUIRE(again->same);
    CHECK(again->same->id == first->id);
    CHECK(again->same->answer.message == "A");
    CHECK(!record(o, make_job("\"s\"", "other event"), true)->same);
    CHECK(!record(o, make_job("\"t\"", "event"), true)->same);
    CHECK(!record(o, make_job("\"s\"", "event"), false)->same);
    const JobPtr late = make_job("\"s\"", "event");
    late->created_boot_ms += kSameMs + 60'000;
    CHECK(!o.run(o.store->record(late, late->event, {.ended = true}))->same);
}

TEST_CASE("for how long an event is the same does not depend on the wall clock, but after a start of the machine") {
    const TemporaryFolder folder;
    Opened o(folder.path() / "state");
    const JobPtr first = make_job("\"s\"", "event");
    REQUIRE(o.run(o.store->record(first, first->event, {.ended = true})));
    first->answer = {"A", State::done, ""};
    REQUIRE(o.run(o.store->finish(first)));
    REQUIRE(o.run(o.store->confirm({first})));
    const JobPtr clock_was_set = make_job("\"s\"", "event");
    clock_was_set->created_ms += 2 * kSameMs;
    CHECK(o.run(o.store->record(clock_was_set, clock_was_set->event, {.ended = true}))->same);
    Database((folder.path() / "state/jobs.db").string()).run("UPDATE jobs SET boot = 'an earlier one'");
    const JobPtr later = make_job("\"s\"", "event");
    later->created_ms += 2 * kSameMs;
    CHECK(!o.run(o.store->record(later, later->event, {.ended = true}))->same);
}

TEST_CASE("the age of a job is told by the wall clock only when the machine was started again") {
    const TemporaryFolder folder;
    const JobPtr job = make_job("\"s\"", "event");
    job->created_ms -= 3'600'000; // the clock is set an hour forward afterwards
    {
        Opened o(folder.path() / "state");
        REQUIRE(o.run(o.store->record(job, job->event, {.ended = true})));
    }
    {
        Opened o(folder.path() / "state");
        CHECK(o.open.jobs.at(0)->created_boot_ms == job->created_boot_ms);
    }
    Database((folder.path() / "state/jobs.db").string()).run("UPDATE jobs SET boot = 'an earlier one'");
    Opened o(folder.path() / "state");
    CHECK(o.open.jobs.at(0)->created_boot_ms <= since_boot_ms() - 3'600'000);
}

TEST_CASE("a second store on the same folder is refused by name") {
    const TemporaryFolder folder;
    Opened o(folder.path() / "state");
    asio::io_context other;
    const auto second = Store::open(folder.path() / "state", false, other.get_executor());
    REQUIRE(!second);
    CHECK(second.error().text.find("another angod is using the state_dir") != std::string::npos);
}

TEST_CASE("a store of a newer schema is refused and left alone") {
    const TemporaryFolder folder;
    { Opened o(folder.path() / "state"); }
    {
        Database db((folder.path() / "state/jobs.db").string());
        db.run("DROP TABLE meta; PRAGMA user_version = 99");
    }
    asio::io_context context;
    const auto opened = Store::open(folder.path() / "state", false, context.get_executor());
    REQUIRE(!opened);
    CHECK(opened.error().text.find("newer angod") != std::string::npos);
}

TEST_CASE("a store of a newer schema that only adds is used, and keeps its version") {
    for (const std::int64_t oldest : {kSchemaVersion, kSchemaVersion + 1}) {
        const TemporaryFolder folder;
        const auto state = folder.path() / "state";
        const JobPtr job = make_job("\"s\"", "event");
        { Opened o(state); }
        {
            Database db((state / "jobs.db").string());
            db.run("ALTER TABLE jobs ADD COLUMN later TEXT NOT NULL DEFAULT ''; PRAGMA user_version = 99");
            Statement(db, "UPDATE meta SET value = ?1 WHERE name = 'oldest_schema'").bind(oldest).run();
        }
        asio::io_context context;
        if (oldest > kSchemaVersion) {
            CHECK(!Store::open(state, false, context.get_executor()));
            continue;
        }
        {
            Opened o(state);
            REQUIRE(o.run(o.store->record(job, job->event, {.ended = true})));
        }
        Opened o(state);
        CHECK(o.open.jobs.size() == 1);
        Database db((state / "jobs.db").string());
        Statement version(db, "PRAGMA user_version");
        REQUIRE(version.step());
        CHECK(version.number(0) == 99);
    }
}

TEST_CASE("a store of the first schema is brought to the present one and keeps its jobs") {
    const TemporaryFolder folder;
    const std::string file = (folder.path() / "state/jobs.db").string();
    const JobPtr job = make_job("\"s\"", "event");
    {
        Opened o(folder.path() / "state");
        REQUIRE(o.run(o.store->record(job, job->event, {.ended = true})));
    }
    {
        Database db(file);
        db.run("DROP INDEX jobs_same; DROP INDEX jobs_waiting; DROP TABLE meta; ALTER TABLE jobs DROP COLUMN effects; "
               "ALTER TABLE jobs DROP COLUMN answer_key;"
               "ALTER TABLE jobs DROP COLUMN boot; ALTER TABLE jobs DROP COLUMN created_boot_ms;"
               "ALTER TABLE jobs DROP COLUMN not_before_boot_ms; ALTER TABLE jobs DROP COLUMN finished_boot_ms;"
               "DROP TRIGGER attempts_of_removed_jobs; DROP TABLE attempts; DROP TABLE module_history; CREATE INDEX "
               "jobs_same ON jobs(session, plugin); PRAGMA user_version = 1");
    }
    {
        Opened o(folder.path() / "state");
        REQUIRE(o.open.jobs.size() == 1);
        CHECK(o.open.jobs[0]->id == job->id);
    }
    Database db(file);
    Statement index(db, "SELECT sql FROM sqlite_master WHERE name = 'jobs_same'");
    REQUIRE(index.step());
    CHECK(index.text(0).find("WHERE") != std::string::npos);
    Statement version(db, "PRAGMA user_version");
    REQUIRE(version.step());
    CHECK(version.number(0) == kSchemaVersion);
}

TEST_CASE("old jobs are removed, open ones never") {
    const TemporaryFolder folder;
    const JobPtr done = make_job("\"a\"", "1"), open = make_job("\"b\"", "2");
    Opened o(folder.path() / "state");
    REQUIRE(o.run(o.store->record(done, done->event, {.ended = true})));
    REQUIRE(o.run(o.store->record(open, open->event, {.ended = true})));
    done->answer = {"A", State::done, ""};
    REQUIRE(o.run(o.store->finish(done)));
    REQUIRE(o.run(o.store->confirm({done})));
    {
        Database db((folder.path() / "state/jobs.db").string());
        db.run("UPDATE jobs SET created_ms = 0; UPDATE jobs SET finished_ms = 1 WHERE finished_ms IS NOT NULL");
    }
    REQUIRE(o.run(o.store->tidy(30)));
    const auto rows = o.run(o.store->list({}));
    REQUIRE(rows->size() == 1);
    CHECK(rows->front().id == open->id);
}

TEST_CASE("a process that reads the store for long does not stop it: compacting gives up and is done later") {
    using namespace std::chrono_literals;
    const TemporaryFolder folder;
    Opened o(folder.path() / "state");
    Database reader((folder.path() / "state/jobs.db").string());
    reader.run("BEGIN; SELECT count(*) FROM jobs");
    const JobPtr job = make_job("\"s\"", "event");
    REQUIRE(record(o, job, true));
    std::optional<Result<void>> compacted;
    const auto compact = [&]() -> awaitable<void> { compacted.emplace(co_await o.store->compact()); };
    asio::co_spawn(o.context, compact(), asio::detached);
    o.context.restart();
    const auto deadline = std::chrono::steady_clock::now() + 60s; // for a wait that used to be minutes
    while (!compacted && std::chrono::steady_clock::now() < deadline) o.context.run_for(100ms);
    REQUIRE(compacted);
    REQUIRE(!*compacted);
    CHECK(compacted->error().text.find("another process") != std::string::npos);
    REQUIRE(record(o, make_job("\"t\"", "event"), true));
    reader.run("COMMIT");
    CHECK(o.run(o.store->compact()));
}

TEST_CASE("a statement waits for another process that writes, also after compacting") {
    const TemporaryFolder folder;
    Opened o(folder.path() / "state");
    REQUIRE(o.run(o.store->compact()));
    Database writer((folder.path() / "state/jobs.db").string());
    writer.run("BEGIN IMMEDIATE");
    std::optional<Result<Store::Recorded>> recorded;
    const JobPtr job = make_job("\"s\"", "event");
    const auto insert = [&]() -> awaitable<void> {
        recorded.emplace(co_await o.store->record(job, job->event, {.ended = true}));
    };
    asio::co_spawn(o.context, insert(), asio::detached);
    o.context.restart();
    o.context.run_for(std::chrono::milliseconds(200));
    CHECK(!recorded);
    writer.run("COMMIT");
    o.context.run_for(std::chrono::seconds(10)); // ends earlier: nothing is left to do then
    REQUIRE(recorded);
    CHECK(recorded->has_value());
}

TEST_CASE("facts survive a restart") {
    const TemporaryFolder folder;
    {
        Opened o(folder.path() / "state");
        CHECK(!*o.run(o.store->is_ready("m:s")));
        REQUIRE(o.run(o.store->set_ready("m:s")));
    }
    Opened o(folder.path() / "state");
    CHECK(*o.run(o.store->is_ready("m:s")));
    CHECK(!*o.run(o.store->is_ready("m:t")));
}

TEST_CASE("the key that an answer is delivered with outlives the event, and goes with the delivery") {
    const TemporaryFolder folder;
    const JobPtr job = make_job("\"s\"", "event"), other = make_job("\"o\"", "other");
    job->answer_key = "the-api-key";
    {
        Opened o(folder.path() / "state");
        REQUIRE(record(o, job, true));
        REQUIRE(record(o, other, true));
    }
    {
        Opened o(folder.path() / "state");
        REQUIRE(o.open.jobs.size() == 2);
        CHECK(o.open.jobs[0]->answer_key == "the-api-key");
        CHECK(o.open.jobs[1]->answer_key.empty());
        job->answer = {"{}", State::done, ""};
        REQUIRE(o.run(o.store->finish(job)));
    }
    {
        Opened o(folder.path() / "state");
        CHECK(o.open.jobs[0]->answer_key == "the-api-key");
        REQUIRE(o.run(o.store->confirm({job})));
        REQUIRE(o.run(o.store->compact()));
    }
    for (const auto &entry : std::filesystem::directory_iterator(folder.path() / "state"))
        if (entry.is_regular_file())
            CHECK(files::read(entry.path(), 1u << 24)->find("the-api-key") == std::string::npos);
}

TEST_CASE("of the waiting tasks of a workflow only the first are loaded, the others are counted and read on demand") {
    const TemporaryFolder folder;
    constexpr int kCount = kTasksAtOnce + 10;
    std::vector<std::string> ids;
    {
        Opened o(folder.path() / "state");
        for (int i = 0; i < kCount; ++i) {
            const JobPtr task = make_job("\"" + std::to_string(i) + "\"", "event", PluginKind::model);
            task->effects = true;
            ids.push_back(task->id);
            const auto recorded = o.run(o.store->record(task, task->event, {.ended = true}));
            REQUIRE(recorded);
            CHECK(recorded->seq == i + 1);
        }
        const JobPtr other = make_job("\"o\"", std::string(300'000, 'x'));
        REQUIRE(o.run(o.store->record(other, other->event, {})));
    }
    Opened o(folder.path() / "state");
    CHECK(o.open.tasks["p"] == kCount);
    REQUIRE(o.open.jobs.size() == kTasksAtOnce + 1);
    for (std::size_t i = 0; i < kTasksAtOnce; ++i) CHECK(o.open.jobs[i]->id == ids[i]);
    CHECK(o.open.jobs.back()->bytes == 300'000);
    CHECK(o.open.jobs.front()->bytes == 5);
    CHECK(o.store->event_bytes() == 300'000 + 5 * kCount);
    const auto behind = o.run(o.store->tasks_behind("p", kTasksAtOnce));
    REQUIRE(behind);
    REQUIRE(behind->size() == 10);
    CHECK(behind->front()->id == ids[kTasksAtOnce]);
    CHECK(behind->back()->id == ids.back());
    const auto one = o.run(o.store->queued_job(ids.back()));
    REQUIRE((one && *one));
    CHECK((*one)->session == "\"" + std::to_string(kCount - 1) + "\"");
    CHECK(!*o.run(o.store->queued_job("none")));
}

TEST_CASE("a waiting task is found by its event, even if it is only in the store") {
    const TemporaryFolder folder;
    Opened o(folder.path() / "state");
    const auto task = [] {
        const JobPtr job = make_job("\"s\"", "event", PluginKind::model);
        job->effects = true;
        return job;
    };
    const JobPtr first = task(), second = task(), third = task();
    REQUIRE(!o.run(o.store->record(first, first->event, {.ended = true, .queued = true}))->same);
    const auto again = o.run(o.store->record(second, second->event, {.ended = true, .queued = true}));
    REQUIRE(again->same);
    CHECK(again->same->id == first->id);
    CHECK(again->same->state == State::queued);
    first->answer = {"", State::done, ""};
    REQUIRE(o.run(o.store->finish(first)));
    CHECK(!o.run(o.store->record(third, third->event, {.queued = true}))->same);
}

namespace {

AttemptPtr attempt(std::int64_t started, AttemptEnd end, std::string reason, std::string log = "") {
    auto one = std::make_shared<Attempt>();
    one->started_ms = started;
    one->duration_ms = end == AttemptEnd::running ? 0 : 1500;
    one->end = end;
    one->reason = std::move(reason);
    one->generation = 3;
    one->version = "1.2";
    one->host_pid = 4711;
    one->log = std::move(log);
    return one;
}

std::vector<Attempt> attempts_of(Opened &o, const JobPtr &job) {
    const auto read = o.run(o.store->attempts(job->id));
    REQUIRE(read);
    return *read;
}

} // namespace

TEST_CASE("the attempts at a job are kept with its record, in their order, and survive a restart") {
    const TemporaryFolder folder;
    const JobPtr job = make_job("\"s\"", "event"), other = make_job("\"o\"", "other");
    {
        Opened o(folder.path() / "state");
        REQUIRE(record(o, job, false));
        REQUIRE(record(o, other, false));
        job->attempt = attempt(2000, AttemptEnd::crashed, "the host died", "info: one\nerror: two");
        REQUIRE(o.run(o.store->requeue(job)));
        job->attempt = attempt(3000, AttemptEnd::succeeded, "");
        job->answer = {"A", State::done, ""};
        REQUIRE(o.run(o.store->finish(job)));
        REQUIRE(o.run(o.store->finish(job))); // an answer that is replaced makes no second attempt
    }
    Opened o(folder.path() / "state");
    const auto kept = attempts_of(o, job);
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].end == AttemptEnd::crashed);
    CHECK(kept[0].reason == "the host died");
    CHECK(kept[0].log == "info: one\nerror: two");
    CHECK(kept[0].duration_ms == 1500);
    CHECK(kept[0].generation == 3);
    CHECK(kept[0].version == "1.2");
    CHECK(kept[0].host_pid == 4711);
    CHECK(kept[1].end == AttemptEnd::succeeded);
}

TEST_CASE("a job that was open when angod ended says so, once for each attempt that was under way") {
    const TemporaryFolder folder;
    const JobPtr noted = make_job("\"n\"", "noted"), short_one = make_job("\"s\"", "short"),
                 done = make_job("\"d\"", "d");
    {
        Opened o(folder.path() / "state");
        for (const JobPtr &job : {noted, short_one, done}) REQUIRE(record(o, job, false));
        REQUIRE(o.run(o.store->note_attempt(noted->id, attempt(2000, AttemptEnd::running, ""))));
        done->answer = {"A", State::done, ""};
        REQUIRE(o.run(o.store->finish(done)));
    }
    for (int start = 0; start < 2; ++start) {
        Opened o(folder.path() / "state");
        const auto of_noted = attempts_of(o, noted), of_short = attempts_of(o, short_one);
        REQUIRE(!of_noted.empty());
        CHECK(of_noted[0].end == AttemptEnd::interrupted);
        CHECK(of_noted[0].reason == "angod ended while a host worked on the run");
        CHECK(of_noted[0].host_pid == 4711);
        REQUIRE(of_short.size() == 1);
        CHECK(of_short[0].end == AttemptEnd::interrupted);
        CHECK(of_short[0].reason == "angod ended while the run was open");
        CHECK(attempts_of(o, done).empty());
    }
}

TEST_CASE("a job keeps its last 50 attempts, and they go with it") {
    const TemporaryFolder folder;
    Opened o(folder.path() / "state");
    const JobPtr job = make_job("\"s\"", "event");
    REQUIRE(record(o, job, false));
    for (std::int64_t i = 1; i <= 60; ++i) {
        job->attempt = attempt(i, AttemptEnd::stopped, "");
        REQUIRE(o.run(o.store->requeue(job)));
    }
    const auto kept = attempts_of(o, job);
    REQUIRE(kept.size() == 50);
    CHECK(kept.front().started_ms == 11);
    CHECK(kept.back().started_ms == 60);
    job->answer = {"A", State::done, ""};
    REQUIRE(o.run(o.store->finish(job)));
    REQUIRE(o.run(o.store->confirm({job})));
    REQUIRE(o.run(o.store->tidy(-1)));
    CHECK(attempts_of(o, job).empty());
}
