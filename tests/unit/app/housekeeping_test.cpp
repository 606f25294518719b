// The regular work, on a real store whose files the test looks at.
//
// Housekeeping works every few seconds, and at once when the lifecycle wakes it: the tests do that instead of waiting.
#include "app/housekeeping.hpp"

#include "app/real_parts.hpp"
#include "app/service_manager.hpp"
#include "jobs/sqlite.hpp"

using namespace angod;
using namespace angod::app;
namespace fs = std::filesystem;

namespace {

struct World : RealParts {
    Housekeeping housekeeping{{lifecycle, config, *store, *queue, *plugins, *modules, counters, runs}};
    const fs::path database = state_folder.path() / "jobs.db";

    World() { plugins->start({}); }
    ~World() { finish(); }
    /// Until angod stops; the destructor waits for it.
    void keep_house() { run_beside(housekeeping.run()); }
    void wake() {
        lifecycle.run();
        context.restart();
        context.poll();
    }
    /// The store answers in order: all that was asked of it before is done after this.
    void wait_for_store() { REQUIRE(run_coroutine(context, store->is_ready("nothing"))); }
    bool is_compact() const { return fs::file_size(database.string() + "-wal") == 0; }
    std::size_t stored_jobs() {
        jobs::Database db(database.string());
        jobs::Statement count(db, "SELECT count(*) FROM jobs");
        REQUIRE(count.step());
        return static_cast<std::size_t>(count.number(0));
    }
    jobs::JobPtr open_job() {
        queue->add_plugin("p", {});
        const auto job = record("finish");
        CHECK(!is_compact());
        return job;
    }
    void end_job(const jobs::JobPtr &job) {
        queue->take(job);
        run_coroutine(context, queue->finish(job, {"A", jobs::State::done, ""}));
        run_coroutine(context, queue->confirm({job}));
    }
};

} // namespace

TEST_CASE("housekeeping: old jobs are removed, and those that are open or young stay") {
    World w;
    w.config.retention_days = 30;
    w.open_job();
    w.end_job(w.open_job());
    const auto old = w.open_job();
    w.end_job(old);
    {
        jobs::Database db(w.database.string());
        db.run(("UPDATE jobs SET finished_ms = finished_ms - 31 * 86400000 WHERE id = '" + old->id + "'").c_str());
    }
    CHECK(w.stored_jobs() == 3);
    w.keep_house();
    w.until([&] { return w.stored_jobs() == 2; });
}

TEST_CASE("housekeeping: the counts of plugins and modules that have left are forgotten") {
    World w;
    w.serve();
    run_coroutine(w.context, [](World &world) -> awaitable<void> {
        std::vector<config::Plugin> next{RealParts::plugin("p")};
        next.front().module = "wanted";
        const auto changed = co_await world.plugins->change(std::move(next));
        CHECK(changed);
    }(w));
    for (const char *name : {"p", "left"}) w.counters.answer_given_up(name);
    for (const char *module : {"echo", "wanted", "left"}) w.counters.host_crashed(module);
    w.keep_house();
    w.until([&] { return w.counters.crashes_of("left") == 0; });
    CHECK(w.counters.of_plugin("left").answers_given_up == 0);
    CHECK(w.counters.of_plugin("p").answers_given_up == 1);
    CHECK(w.counters.crashes_of("echo") == 1);   // there is such a module
    CHECK(w.counters.crashes_of("wanted") == 1); // a plugin wants it
}

TEST_CASE("housekeeping: the store is compacted when no job is open, and again after each change only") {
    World w;
    const auto job = w.open_job();
    w.keep_house();
    w.wait_for_store();
    w.wait_for_store(); // behind all that housekeeping asks for after it has tidied up
    CHECK(!w.is_compact());
    w.end_job(job);
    CHECK(!w.is_compact());
    w.wake();
    w.until([&] { return w.is_compact(); });

    REQUIRE(run_coroutine(w.context, w.store->set_ready("a fact"))); // no change of the queue
    CHECK(!w.is_compact());
    w.wake();
    w.wait_for_store();
    CHECK(!w.is_compact());
    w.end_job(w.open_job());
    w.wake();
    w.until([&] { return w.is_compact(); });
}

TEST_CASE("housekeeping: a store that another process reads is not compacted, and is left alone for a while") {
    World w;
    w.end_job(w.open_job());
    jobs::Database other(w.database.string());
    other.run("BEGIN");
    jobs::Statement read(other, "SELECT id FROM jobs");
    REQUIRE(read.step());
    w.end_job(w.open_job()); // the reader keeps the log from being emptied
    w.keep_house();
    w.wait_for_store();
    w.wait_for_store(); // behind the attempt that housekeeping makes after it has tidied up
    CHECK(!w.is_compact());
    read.reset();
    other.run("COMMIT");
    w.wake();
    w.wait_for_store();
    CHECK(!w.is_compact()); // the next attempt comes a minute later
    REQUIRE(run_coroutine(w.context, w.store->compact()));
    CHECK(w.is_compact());
}

TEST_CASE("housekeeping ends when angod stops, while it works and while it pauses") {
    for (const bool works : {true, false}) {
        World w;
        const int before = w.beside;
        w.keep_house();
        w.context.restart();
        w.context.poll();
        if (!works) w.until([&] { return w.is_compact(); });
        CHECK(w.beside == before + 1);
        w.lifecycle.request_stop();
        for (int i = 0; i < 3; ++i) w.wait_for_store(); // behind all that housekeeping still asks of it
        w.context.restart();
        w.context.poll();
        CHECK(w.beside == before); // it does not end its pause first
    }
}

TEST_CASE("the watchdog is fed as long as the event loop turns, and also when the store answers with an error") {
    World w;
    const ServiceManager manager(w.context);
    // The coroutine never ends: it goes with the event loop.
    spawn(w.executor(), "watchdog", feed_watchdog(*w.store, std::chrono::milliseconds(3)));
    w.until([&] { return manager.heard.size() >= 3; });
    CHECK(manager.heard.back() == "WATCHDOG=1");
    jobs::Database(w.database.string()).run("ALTER TABLE ready RENAME TO taken_away");
    CHECK(!run_coroutine(w.context, w.store->is_ready("nothing")));
    const std::size_t before = manager.heard.size();
    w.until([&] { return manager.heard.size() >= before + 3; });
}
