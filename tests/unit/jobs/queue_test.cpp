// The queue on a real store: claims, repetitions, answers, and what a restart finds.
//
// World listens to the queue and counts what it hears.
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "jobs/queue.hpp"
#include "printing.hpp"
#include "run_coroutine.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::jobs;

namespace {

struct World : QueueListener {
    TemporaryFolder folder;
    asio::io_context context;
    std::unique_ptr<Store> store;
    std::unique_ptr<Queue> queue;
    std::vector<std::string> answers;
    bool recorded_before = false; ///< was the last answer in the store when it was handed out?
    int times_runnable = 0, times_ended = 0;

    explicit World(PluginLimits limits = {}) { open(limits); }
    void runnable(const std::string &) override { ++times_runnable; }
    void answered(const JobPtr &job) override {
        answers.push_back(job->answer.message);
        recorded_before = job->answer_recorded;
    }
    void ended(const JobPtr &) override { ++times_ended; }
    std::map<std::string, std::size_t> left; ///< what restore left in the store
    void open(PluginLimits limits = {}, const std::string &plugin = "p") {
        queue.reset();
        store.reset();
        auto opened = Store::open(folder.path() / "state", false, context.get_executor());
        REQUIRE(opened);
        store = std::move(*opened);
        queue = std::make_unique<Queue>(context.get_executor(), *store);
        queue->set_listener(*this);
        queue->add_plugin(plugin, limits);
        left = queue->restore({plugin});
    }
    static NewJob event(const std::string &session, const std::string &payload, PluginKind kind) {
        return {"p",
                kind,
                has_effects(kind, {}),
                session,
                "{}",
                sha256(payload),
                std::make_shared<const std::string>(payload)};
    }
    Result<Queue::Recorded> record(const std::string &session, const std::string &payload,
                                   PluginKind kind = PluginKind::export_) {
        return run_coroutine(context, queue->record(event(session, payload, kind)));
    }
    void finish(const JobPtr &job, std::string message) {
        run_coroutine(context, queue->finish(job, {std::move(message), State::done, ""}));
    }
    void confirm(const JobPtr &job) { run_coroutine(context, queue->confirm({job})); }
    void put_back(const JobPtr &job, PutBack how) { run_coroutine(context, queue->put_back(job, how)); }
};

} // namespace

TEST_CASE("a job goes from recorded over claimed and answered to confirmed") {
    World w;
    REQUIRE(*w.record("1", "e") == Queue::Recorded::fresh);
    const JobPtr job = w.queue->claim("p");
    REQUIRE(job);
    CHECK(*job->event == "e");
    CHECK(!w.queue->claim("p"));
    w.finish(job, "A");
    CHECK(w.answers == std::vector<std::string>{"A"});
    CHECK(w.recorded_before);
    CHECK(w.queue->answers("p").size() == 1);
    CHECK(w.times_ended == 0);
    w.confirm(job);
    CHECK(w.times_ended == 1);
    CHECK(w.queue->answers("p").empty());
    CHECK(w.queue->counts().queued + w.queue->counts().running + w.queue->counts().answering == 0);
}

TEST_CASE("jobs are claimed in the order in which they came") {
    World w;
    for (int i = 0; i < 5; ++i) REQUIRE(w.record(std::to_string(i), "e"));
    for (int i = 0; i < 5; ++i) CHECK(w.queue->claim("p")->session == std::to_string(i));
}

TEST_CASE("the same event joins the one that waits or runs") {
    World w;
    REQUIRE(w.record("1", "e"));
    CHECK(*w.record("1", "e") == Queue::Recorded::joined);
    const JobPtr job = w.queue->claim("p");
    CHECK(*w.record("1", "e") == Queue::Recorded::joined);
    CHECK(*w.record("1", "other") == Queue::Recorded::fresh);
    CHECK(*w.record("2", "e") == Queue::Recorded::fresh);
    w.finish(job, "A");
    CHECK(w.answers.size() == 1);
}

TEST_CASE("an event of a kind with effects that was answered a short while ago gets that answer again, also after a "
          "restart") {
    World w;
    REQUIRE(w.record("1", "e"));
    const JobPtr job = w.queue->claim("p");
    w.finish(job, "A");
    CHECK(*w.record("1", "e") == Queue::Recorded::again);
    CHECK(w.answers == std::vector<std::string>{"A", "A"});
    w.confirm(job);
    w.confirm(job); // it was written twice
    CHECK(w.times_ended == 1);
    w.open();
    CHECK(*w.record("1", "e") == Queue::Recorded::again);
    CHECK(w.answers == std::vector<std::string>{"A", "A", "A"});
    run_coroutine(w.context, w.queue->confirm(w.queue->answers("p")));
    CHECK(w.times_ended == 1); // it had ended before
    CHECK(!w.queue->claim("p"));
}

TEST_CASE("the same answered event twice at a time gets its answer twice and no error") {
    World w;
    REQUIRE(w.record("1", "e"));
    const JobPtr job = w.queue->claim("p");
    w.finish(job, "A");
    w.confirm(job);
    std::vector<Queue::Recorded> recorded;
    const auto one = [&]() -> asio::awaitable<void> {
        const auto result = co_await w.queue->record(World::event("1", "e", PluginKind::export_));
        REQUIRE(result);
        recorded.push_back(*result);
    };
    const auto both = [&]() -> asio::awaitable<void> {
        asio::co_spawn(w.context, one(), asio::detached);
        co_await one();
        while (recorded.size() < 2) co_await pause(std::chrono::milliseconds(1));
    };
    run_coroutine(w.context, both());
    CHECK(recorded == std::vector<Queue::Recorded>{Queue::Recorded::again, Queue::Recorded::again});
    CHECK(w.answers == std::vector<std::string>{"A", "A", "A"});
    CHECK(!w.queue->claim("p"));
}

TEST_CASE("an event of a kind that only reads runs again once the first has been answered") {
    World w;
    REQUIRE(w.record("1", "e", PluginKind::input));
    w.finish(w.queue->claim("p"), "A");
    CHECK(*w.record("1", "e", PluginKind::input) == Queue::Recorded::fresh);
    CHECK(w.queue->claim("p"));
}

TEST_CASE("a full queue refuses the next event and keeps nothing of it") {
    World w(PluginLimits{2, 1000});
    REQUIRE(w.record("1", "e"));
    REQUIRE(w.record("2", "e"));
    const auto third = w.record("3", "e");
    REQUIRE(!third);
    CHECK(third.error().code == Code::full);
    CHECK(w.queue->counts().queued == 2);
    w.open(PluginLimits{2, 1000});
    CHECK(w.queue->counts().queued == 2);
}

TEST_CASE("a job that was running when angod ended is queued again, without a charge") {
    World w;
    REQUIRE(w.record("1", "e"));
    REQUIRE(w.queue->claim("p"));
    w.open();
    const JobPtr again = w.queue->claim("p");
    REQUIRE(again);
    CHECK(again->attempts == 0);
    CHECK(**run_coroutine(w.context, w.queue->event(again)) == "e");
}

TEST_CASE("a charge and a waiting time survive a restart") {
    World w;
    REQUIRE(w.record("1", "e"));
    w.put_back(w.queue->claim("p"), {.charged = true, .wait_ms = 3'600'000});
    CHECK(!w.queue->claim("p"));
    w.open();
    CHECK(!w.queue->claim("p"));
    CHECK(w.queue->counts().queued == 1);
    const auto rows = run_coroutine(w.context, w.store->list({}));
    CHECK(rows->front().attempts == 1);
}

TEST_CASE("a job that goes back without a charge keeps its place in the line") {
    World w;
    REQUIRE(w.record("1", "e"));
    REQUIRE(w.record("2", "e"));
    const JobPtr first = w.queue->claim("p");
    w.put_back(first, {});
    CHECK(w.queue->claim("p") == first);
    CHECK(first->attempts == 0);
}

TEST_CASE("a job older than its plugin allows is told") {
    World w(PluginLimits{10, 1000});
    REQUIRE(w.record("1", "e"));
    const JobPtr job = w.queue->claim("p");
    CHECK(w.queue->time_left_ms(*job) > 0);
    job->created_boot_ms -= 2000;
    CHECK(w.queue->time_left_ms(*job) < 0);
}

TEST_CASE("a run that somebody waits for is too old after five minutes, one of a workflow after a day") {
    World w;
    NewJob waited_for = World::event("1", "asked", PluginKind::model),
           workflow = World::event("2", "queued", PluginKind::model);
    workflow.effects = has_effects(PluginKind::model, {.workflow = true});
    REQUIRE(run_coroutine(w.context, w.queue->record(std::move(waited_for))));
    REQUIRE(run_coroutine(w.context, w.queue->record(std::move(workflow))));
    for (const std::int64_t seconds : {300, 86'400}) {
        const JobPtr job = w.queue->claim("p");
        REQUIRE(job);
        job->created_boot_ms -= (seconds - 1) * 1000;
        CHECK(w.queue->time_left_ms(*job) > 0);
        job->created_boot_ms -= 2000;
        CHECK(w.queue->time_left_ms(*job) < 0);
    }
}

TEST_CASE("a wall clock that is set makes no job older, and holds no repetition back") {
    World w(PluginLimits{10, 60'000});
    REQUIRE(w.record("1", "e"));
    const JobPtr job = w.queue->claim("p");
    job->created_ms -= 3'600'000; // as if the clock had been set an hour forward since
    CHECK(w.queue->time_left_ms(*job) > 0);
    w.put_back(job, {.charged = true, .wait_ms = 1});
    job->not_before_ms += 3'600'000; // and now back
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    JobPtr again;
    while (!again && std::chrono::steady_clock::now() < deadline) again = w.queue->claim("p");
    CHECK(again == job);
}

TEST_CASE(
    "after a restart with the clock far behind, a repetition waits a day at most, and no job has a negative age") {
    World w(PluginLimits{10, 60'000});
    REQUIRE(w.record("1", "e"));
    const JobPtr before = w.queue->claim("p");
    w.put_back(before, {.charged = true, .wait_ms = std::int64_t{400} * 86'400'000});
    w.open(PluginLimits{10, 60'000});
    const JobPtr job = w.queue->find(before->id);
    REQUIRE(job);
    CHECK(job->not_before_boot_ms - since_boot_ms() <= 86'400'000);
    CHECK(job->created_boot_ms <= since_boot_ms());
}

TEST_CASE("a job's checkpoint is there for its next attempt") {
    World w;
    REQUIRE(w.record("1", "e"));
    REQUIRE(run_coroutine(w.context, w.queue->checkpoint(w.queue->claim("p"), "half")));
    w.open();
    CHECK(w.queue->claim("p")->checkpoint == "half");
}

TEST_CASE("isolated jobs are claimed one after the other and hold up no other job") {
    World w;
    for (int i = 0; i < 3; ++i) REQUIRE(w.record(std::to_string(i), "e"));
    const JobPtr first = w.queue->claim("p"), second = w.queue->claim("p");
    w.put_back(first, {.isolated = true});
    w.put_back(second, {.isolated = true});
    CHECK(w.queue->claim("p") == first);
    const JobPtr other = w.queue->claim("p");
    REQUIRE(other);
    CHECK(other->session == "2");
    CHECK(!w.queue->claim("p"));
    w.finish(first, "A");
    CHECK(w.queue->claim("p") == second);
}

TEST_CASE("the answer of a kind that only reads is handed out while it is recorded, and is in the store after that") {
    World w;
    REQUIRE(w.record("1", "e", PluginKind::input));
    const JobPtr job = w.queue->claim("p");
    w.finish(job, "A");
    CHECK(w.answers == std::vector<std::string>{"A"});
    CHECK(!w.recorded_before);
    w.confirm(job); // its record may not have come back yet
    run_coroutine(w.context, w.queue->drained(std::chrono::steady_clock::now() + std::chrono::seconds(20)));
    CHECK(job->answer_recorded);
    w.open();
    CHECK(w.answers == std::vector<std::string>{"A"});
    CHECK(w.queue->answers("p").empty());
    const auto rows = run_coroutine(w.context, w.store->list({}));
    REQUIRE(rows->size() == 1);
    CHECK(rows->front().state == State::done);
}

TEST_CASE("jobs of a plugin that is not configured wait in the store for a later configuration") {
    World w;
    REQUIRE(w.record("1", "e"));
    w.open({}, "other");
    CHECK(w.left == std::map<std::string, std::size_t>{{"p", 1}});
    CHECK(w.queue->counts().queued == 0);
    w.open();
    CHECK(w.left.empty());
    CHECK(w.queue->claim("p"));
}

TEST_CASE("after stop_claiming nothing starts, and what comes is still recorded") {
    World w;
    w.queue->stop_claiming();
    REQUIRE(*w.record("1", "e") == Queue::Recorded::fresh);
    CHECK(!w.queue->claim("p"));
}

namespace {

/// A task of a workflow.
NewJob task(const std::string &session, const std::string &payload = "task") {
    NewJob event = World::event(session, payload, PluginKind::model);
    event.effects = true;
    return event;
}
Result<Queue::Recorded> record(World &w, NewJob event) {
    return run_coroutine(w.context, w.queue->record(std::move(event)));
}
/// Lets what was started beside run to its end.
void settle(World &w) {
    for (std::size_t before = SIZE_MAX, now = 0; before != now;) {
        before = now;
        w.context.restart();
        now += w.context.run_for(std::chrono::milliseconds(20));
    }
}

constexpr int kMany = 3 * static_cast<int>(kTasksAtOnce);

} // namespace

TEST_CASE("tasks beyond max_queued wait, in order, and only the first are in memory") {
    World w({.max_queued = 2});
    for (int i = 0; i < kMany; ++i) REQUIRE(*record(w, task(std::to_string(i))) == Queue::Recorded::fresh);
    settle(w);
    CHECK(w.queue->counts("p").queued == kMany);
    int in_memory = 0;
    for (const auto &row : *run_coroutine(w.context, w.store->list({.limit = kMany})))
        in_memory += w.queue->find(row.id) != nullptr;
    CHECK(in_memory <= static_cast<int>(kTasksAtOnce) + 1);
    for (int i = 0; i < kMany; ++i) {
        CAPTURE(i);
        JobPtr job = w.queue->claim("p");
        if (!job) {
            settle(w);
            job = w.queue->claim("p");
        }
        REQUIRE(job);
        CHECK(job->session == std::to_string(i));
        CHECK(*run_coroutine(w.context, w.queue->event(job)).value() == "task");
        w.finish(job, "");
        w.confirm(job);
    }
    settle(w);
    CHECK(!w.queue->claim("p"));
    CHECK(w.queue->counts("p").queued == 0);
}

TEST_CASE("other runs of the plugin take turns with tasks, and have a limit of their own") {
    World w({.max_queued = 2});
    for (int i = 0; i < 4; ++i) REQUIRE(record(w, task("t" + std::to_string(i))));
    for (int i = 0; i < 2; ++i) REQUIRE(w.record("u" + std::to_string(i), "e", PluginKind::export_));
    CHECK(!w.record("u2", "e", PluginKind::export_));
    std::string order;
    while (const JobPtr job = w.queue->claim("p")) order += job->session + " ";
    CHECK(order == "u0 t0 u1 t1 t2 t3 ");
}

TEST_CASE("a repeated task joins the one that is only in the store") {
    World w;
    for (int i = 0; i < kMany; ++i) REQUIRE(record(w, task(std::to_string(i))));
    settle(w);
    CHECK(*record(w, task(std::to_string(kMany - 1))) == Queue::Recorded::joined);
    CHECK(*record(w, task(std::to_string(kMany - 1), "other")) == Queue::Recorded::fresh);
    CHECK(w.queue->counts("p").queued == kMany + 1);
}

TEST_CASE("a restart finds all tasks, in order") {
    World w;
    for (int i = 0; i < kMany; ++i) REQUIRE(record(w, task(std::to_string(i))));
    settle(w);
    w.open();
    CHECK(w.queue->counts("p").queued == kMany);
    for (int i = 0; i < kMany; ++i) {
        JobPtr job = w.queue->claim("p");
        if (!job) {
            settle(w);
            job = w.queue->claim("p");
        }
        REQUIRE(job);
        CHECK(job->session == std::to_string(i));
    }
    settle(w);
    CHECK(!w.queue->claim("p"));
}

TEST_CASE("a plugin that is gone leaves its tasks in the store, and finds them when it is back") {
    World w;
    for (int i = 0; i < kMany; ++i) REQUIRE(record(w, task(std::to_string(i))));
    settle(w);
    const JobPtr running = w.queue->claim("p");
    w.queue->release("p");
    CHECK(w.queue->counts("p").queued == 0);
    REQUIRE(run_coroutine(w.context, w.queue->adopt("p")));
    settle(w);
    CHECK(w.queue->counts("p").queued == kMany - 1);
    w.open({}, "another");
    CHECK(w.left == std::map<std::string, std::size_t>{{"p", kMany}});
}

TEST_CASE("a task that is only in the store can be brought into memory, and is claimed once") {
    World w;
    for (int i = 0; i < kMany; ++i) REQUIRE(record(w, task(std::to_string(i))));
    settle(w);
    const std::string last = run_coroutine(w.context, w.store->list({.limit = 1}))->front().id;
    REQUIRE(!w.queue->find(last));
    const auto brought = run_coroutine(w.context, w.queue->bring(last));
    REQUIRE((brought && *brought));
    CHECK((*brought)->session == std::to_string(kMany - 1));
    CHECK(w.queue->counts("p").queued == kMany);
    w.queue->take(*brought);
    int claimed = 0;
    for (int misses = 0; misses < 2;) {
        if (w.queue->claim("p")) {
            ++claimed;
            misses = 0;
            continue;
        }
        ++misses;
        settle(w);
    }
    CHECK(claimed == kMany - 1);
    CHECK(w.queue->counts("p").queued == 0);
    CHECK(!*run_coroutine(w.context, w.queue->bring("none")));
}

TEST_CASE("the events of all open jobs have a limit in bytes, which ended jobs leave") {
    World w;
    w.queue->set_max_bytes(100);
    REQUIRE(record(w, task("1", std::string(60, 'a'))));
    const auto refused = record(w, task("2", std::string(60, 'b')));
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::full);
    CHECK(refused.error().text.find("limits.queue_mb") != std::string::npos);
    REQUIRE(record(w, task("3", std::string(40, 'c'))));
    w.open();
    w.queue->set_max_bytes(100);
    CHECK(!record(w, task("2", "b")));
    const JobPtr job = w.queue->claim("p");
    w.finish(job, "");
    REQUIRE(record(w, task("2", std::string(60, 'b'))));
    CHECK(!record(w, task("4", "d")));
}
