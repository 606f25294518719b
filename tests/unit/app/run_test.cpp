// One attempt at a job, with fake hosts and a real queue on a real store.
//
// The first cases look at the table of run_phase.hpp; the others walk its transitions. Cancel, reload and stop come at
// each phase.
#include "app/failing_executor.hpp"
#include "app/fakes.hpp"
#include "printing.hpp"
#include "supervisor/end_sentences.hpp"

using namespace angod;
using namespace angod::app;
using supervisor::AcquireFailure;
using How = supervisor::JobEnd::How;

namespace {

constexpr RunPhase kPhases[] = {
    RunPhase::waiting_for_host, RunPhase::in_host,          RunPhase::cancelling, RunPhase::requeueing,
    RunPhase::requeued_to_end,  RunPhase::recording_answer, RunPhase::ended};

supervisor::JobEnd end_of(How how) {
    supervisor::JobEnd end;
    end.how = how;
    end.reports_crash = how == How::died_alone || how == How::died_together;
    end.text = "how it ended";
    return end;
}

supervisor::JobEnd success(std::string value = "1") {
    auto end = end_of(How::finished);
    end.result.succeeded = true;
    end.result.value = std::move(value);
    return end;
}

struct World : QueueWorld {
    config::Config all;
    config::Plugin config;
    Runs runs;
    Counters counters;
    FakeSessionLog session_log;
    RunLines lines{context.get_executor(), Log()};
    hub::CallBudget calls{context.get_executor()};
    FakeHosts hosts{context.get_executor()};
    FakeLink link;
    FakeServing serving;
    Recording recording;
    std::optional<RunEnvironment> environment;
    jobs::JobPtr job;
    std::shared_ptr<Run> run;
    bool queue_fails = false; ///< once, at the next work that it leaves for a later turn of the event loop

    World() {
        config.name = "p";
        config.max_attempts = 2;
        queue.emplace(FailingExecutor(context, queue_fails), *store);
        queue->set_listener(*this);
        queue->add_plugin("p", {});
        environment.emplace(RunEnvironment{context.get_executor(), config, all, *queue, runs, counters, session_log,
                                           lines, calls, folder.path(), hosts, link, serving, recording, Log()});
    }
    ~World() override {
        if (run) until([&] { return run->phase() == RunPhase::ended && hosts.waiting == 0; });
    }
    /// Begins an attempt at a new job.
    void begin() {
        job = claim();
        attempt();
    }
    void attempt() {
        run = Run::begin(*environment, job);
        spawn(context.get_executor(), "job", run->attempt());
    }
    void begin_and_wait_for_host() {
        begin();
        until([&] { return hosts.waiting == 1; });
        CHECK(run->phase() == RunPhase::waiting_for_host);
    }
    void begin_in_host() {
        hosts.has_place = true;
        begin();
        until([&] { return hosts.running == 1; });
        CHECK(run->phase() == RunPhase::in_host);
    }
    void end_with(supervisor::JobEnd end) {
        hosts.end = std::move(end);
        hosts.change();
        finish();
    }
    void fail_with(AcquireFailure why) {
        hosts.failure = {why, "no host"};
        hosts.change();
        finish();
    }
    void finish() {
        until([&] { return run->phase() == RunPhase::ended; });
        CHECK(runs.empty());
    }
    void let_it_go() {
        hosts.has_place = true;
        hosts.change();
    }
    bool is_back(std::int64_t attempts) const { return job->state == jobs::State::queued && job->attempts == attempts; }
    bool is_answered(jobs::State outcome) const {
        return job->state == jobs::State::answering && job->answer.outcome == outcome;
    }
};

} // namespace

TEST_CASE("run phases: ended is the only one without a way on, and every other one is reached") {
    for (const RunPhase phase : kPhases) {
        bool has_exit = false, is_reached = phase == RunPhase::waiting_for_host;
        for (const RunTransition &one : kRunTransitions) {
            has_exit = has_exit || one.from == phase;
            is_reached = is_reached || one.to == phase;
        }
        CHECK(has_exit == (phase != RunPhase::ended));
        CHECK(is_reached);
        CHECK(!name_of(phase).empty());
    }
}

TEST_CASE("run phases: no event has two ways on from one phase") {
    for (const RunTransition &one : kRunTransitions) CHECK(next_phase(one.from, one.event) == one.to);
    CHECK(!next_phase(RunPhase::ended, RunEvent::cancel));
    CHECK(!next_phase(RunPhase::recording_answer, RunEvent::cancel));
    CHECK(!next_phase(RunPhase::cancelling, RunEvent::requeue));
}

TEST_CASE("a run: waiting for a host → in a host → recording the answer → ended") {
    World w;
    w.begin_and_wait_for_host();
    w.let_it_go();
    w.until([&] { return w.run->phase() == RunPhase::in_host; });
    CHECK(w.hosts.request.job == w.job->id);
    CHECK(w.hosts.request.attempt == 1);
    CHECK(w.hosts.request.spool_bytes == std::uint64_t{20480} << 20);
    w.hosts.end = success();
    w.hosts.change();
    w.until([&] { return w.run->phase() == RunPhase::recording_answer; });
    CHECK(w.run->cancel().error().text == "the run has just ended; its answer is being recorded");
    w.finish();
    CHECK(w.is_answered(jobs::State::done));
    CHECK(w.job->answer.message == R"({"export":true,"response":1,"session":1})");
}

TEST_CASE("a run of a plugin that is not ready fails, and so does one that is too old") {
    World w;
    w.serving.why_not = "no module";
    w.begin();
    w.finish();
    CHECK(w.is_answered(jobs::State::failed));
    CHECK(w.job->answer.problem == "The plugin is not available on its server at the moment. (no module)");

    World old;
    old.queue->add_plugin("p", {1000, -1, -1});
    old.begin();
    old.finish();
    CHECK(old.is_answered(jobs::State::failed));
}

TEST_CASE("a run whose module is taken away before it has a host goes back, uncharged") {
    World w;
    w.serving.present = nullptr;
    w.begin();
    w.finish();
    CHECK(w.is_back(0));
}

TEST_CASE("a run without a host: what becomes of it depends on the reason") {
    for (const auto why : {AcquireFailure::not_wanted, AcquireFailure::none_free, AcquireFailure::refused,
                           AcquireFailure::not_started, AcquireFailure::host_died}) {
        World w;
        w.begin_and_wait_for_host();
        w.fail_with(why);
        CHECK(w.hosts.crashes.size() == (why == AcquireFailure::host_died ? 1 : 0));
        if (why == AcquireFailure::not_wanted)
            CHECK(w.is_back(0));
        else if (why == AcquireFailure::none_free)
            CHECK(w.is_answered(jobs::State::failed));
        else
            CHECK(w.is_back(1));
    }
}

TEST_CASE("the last attempt without a host fails") {
    World w;
    w.config.max_attempts = 1;
    w.begin_and_wait_for_host();
    w.fail_with(AcquireFailure::refused);
    CHECK(w.is_answered(jobs::State::failed));
    CHECK(w.job->answer.problem == "The plugin could not be started. (no host)");
}

TEST_CASE("a reload while a run waits for a host sends it back, uncharged; a version on probation is to blame itself") {
    World w;
    w.begin_and_wait_for_host();
    w.serving.present = make_generation(2, {PluginKind::export_});
    w.fail_with(AcquireFailure::refused);
    CHECK(w.is_back(0));
    CHECK(w.hosts.crashes.empty());

    World fresh;
    fresh.hosts.new_version = true;
    fresh.begin_and_wait_for_host();
    fresh.fail_with(AcquireFailure::host_died);
    CHECK(fresh.is_back(0));
    CHECK(fresh.hosts.crashes.size() == 1);
}

TEST_CASE("a reload while a run is in a host changes nothing for it") {
    World w;
    w.begin_in_host();
    w.serving.present = make_generation(2, {PluginKind::export_});
    w.end_with(success());
    CHECK(w.is_answered(jobs::State::done));
}

TEST_CASE("a stop while a run is in a host sends it back, uncharged") {
    World w;
    w.begin_in_host();
    w.end_with(end_of(How::stopped));
    CHECK(w.is_back(0));
}

TEST_CASE("a crash: alone it is charged, with others the job is isolated, on probation it is free") {
    World alone;
    alone.begin_in_host();
    alone.end_with(end_of(How::died_alone));
    CHECK(alone.is_back(1));
    CHECK(alone.job->not_before_ms > 0);
    CHECK(alone.hosts.crashes == std::vector<std::string>{"how it ended"});
    CHECK(alone.session_log.lines.back() == supervisor::crash_sentence() + " Trying again.");

    World together;
    together.begin_in_host();
    auto end = end_of(How::died_together);
    end.reports_crash = false;
    together.end_with(end);
    CHECK(together.is_back(0));
    CHECK(together.job->isolated);
    CHECK(together.hosts.crashes.empty());
    const auto again = together.queue->claim("p");
    REQUIRE(again == together.job);
    together.hosts.end = success();
    together.attempt();
    together.finish();
    CHECK(together.hosts.sharing.back() == supervisor::Sharing::isolated);

    World fresh;
    fresh.hosts.new_version = true;
    fresh.begin_in_host();
    fresh.end_with(end_of(How::died_alone));
    CHECK(fresh.is_back(0));
    CHECK(fresh.job->forgiven == 1);
}

TEST_CASE("a run that crashes for lack of memory, or takes too long, fails with a sentence of its own") {
    World memory;
    memory.config.max_attempts = 1;
    memory.config.memory_mb = 64;
    memory.begin_in_host();
    auto end = end_of(How::died_alone);
    end.over_memory = true;
    memory.end_with(end);
    CHECK(memory.session_log.lines.back() == supervisor::over_memory_sentence(64));

    World slow;
    slow.config.timeout_s = 1;
    slow.begin_in_host();
    slow.end_with(end_of(How::timed_out));
    CHECK(slow.is_answered(jobs::State::failed));
    CHECK(slow.session_log.lines.back() == "The plugin did not finish within its limit of 1 second and was stopped.");
}

TEST_CASE("a failure that the module reports is final, or repeated after the time it names") {
    World final;
    final.begin_in_host();
    auto end = end_of(How::finished);
    end.result.user_text = "It cannot be done.";
    end.result.retry_after_ms = -1;
    final.end_with(end);
    CHECK(final.is_answered(jobs::State::failed));

    World later;
    later.begin_in_host();
    end.result.retry_after_ms = 5000;
    later.end_with(end);
    CHECK(later.is_back(1));
}

TEST_CASE("a silent success has an empty answer, and one that is too long is a failure") {
    World silent;
    silent.begin_in_host();
    auto end = success();
    end.result.silent = true;
    silent.end_with(end);
    CHECK(silent.is_answered(jobs::State::done));
    CHECK(silent.job->answer.message.empty());

    World long_one;
    long_one.link.limit = 50;
    long_one.begin_in_host();
    long_one.end_with(success(std::string(100, '1')));
    CHECK(long_one.is_answered(jobs::State::failed));
    CHECK(long_one.job->answer.message == hub::error_answer("1"));
}

TEST_CASE("cancel while a run waits for a host: it ends at once, and the host that comes later is not used") {
    World w;
    w.begin_and_wait_for_host();
    REQUIRE(w.run->cancel());
    CHECK(w.run->phase() == RunPhase::recording_answer);
    w.finish();
    CHECK(w.is_answered(jobs::State::cancelled));
    w.until([&] { return w.hosts.waiting == 0; }); // its place in the plugin's concurrency is free
    CHECK(w.hosts.running == 0);
    CHECK(!w.run->cancel());
}

TEST_CASE("a run that waits for a host is put back while no runs may start, and not when another generation serves") {
    World w;
    w.begin_and_wait_for_host();
    w.serving.present = make_generation(2, {PluginKind::export_});
    w.hosts.ask_again();
    w.context.restart();
    w.context.poll();
    CHECK(w.hosts.waiting == 1); // a host of the present generation may be on its way
    w.serving.starts = false;
    w.hosts.ask_again();
    w.finish();
    CHECK(w.is_back(0));
    CHECK(w.hosts.running == 0);
}

TEST_CASE("cancel of a claimed job whose attempt has not begun") {
    World w;
    w.job = w.claim();
    w.run = Run::begin(*w.environment, w.job);
    REQUIRE(w.run->cancel());
    w.finish();
    CHECK(w.is_answered(jobs::State::cancelled));
    CHECK(w.hosts.asked == 0);
}

TEST_CASE(
    "cancel while a run is in a host: the host is asked each time, and whatever ends the run then, it is cancelled") {
    for (const How how : {How::cancelled, How::stopped, How::died_alone, How::died_together, How::timed_out}) {
        World w;
        w.begin_in_host();
        REQUIRE(w.run->cancel());
        CHECK(w.run->phase() == RunPhase::cancelling);
        REQUIRE(w.run->cancel());
        CHECK(w.run->phase() == RunPhase::cancelling);
        CHECK(w.hosts.cancelled == std::vector<std::string>{w.job->id, w.job->id});
        w.end_with(end_of(how));
        CHECK(w.is_answered(jobs::State::cancelled));
        CHECK(w.job->attempts == 0);
        const bool crashed = how == How::died_alone || how == How::died_together;
        CHECK(w.hosts.crashes.size() == (crashed ? 1 : 0));
    }
}

TEST_CASE("a crash counts also while its run is cancelled or has reached its time-out") {
    for (const How how : {How::cancelled, How::timed_out}) {
        World w;
        w.begin_in_host();
        auto end = end_of(how);
        end.reports_crash = true;
        w.end_with(end);
        CHECK(w.is_answered(how == How::cancelled ? jobs::State::cancelled : jobs::State::failed));
        CHECK(w.hosts.crashes == std::vector<std::string>{"how it ended"});
    }
}

TEST_CASE("a host may end a run as cancelled by itself") {
    World w;
    w.begin_in_host();
    w.end_with(end_of(How::cancelled));
    CHECK(w.is_answered(jobs::State::cancelled));
}

TEST_CASE("a result that a cancelled run has by then counts") {
    World w;
    w.begin_in_host();
    REQUIRE(w.run->cancel());
    w.end_with(success());
    CHECK(w.is_answered(jobs::State::done));
}

TEST_CASE("cancel while a run goes back into the queue: it is taken out again and ends") {
    World w;
    w.begin_in_host();
    w.hosts.end = end_of(How::died_alone);
    w.hosts.change();
    w.until([&] { return w.run->phase() == RunPhase::requeueing; });
    REQUIRE(w.run->cancel());
    CHECK(w.run->phase() == RunPhase::requeued_to_end);
    REQUIRE(w.run->cancel());
    w.finish();
    CHECK(w.is_answered(jobs::State::cancelled));
}

TEST_CASE("cancel while a run goes back into a queue that its plugin has left: the job stays in the store") {
    World w;
    w.begin_in_host();
    w.queue->release("p");
    w.hosts.end = end_of(How::died_alone);
    w.hosts.change();
    w.until([&] { return w.run->phase() == RunPhase::requeueing; });
    REQUIRE(w.run->cancel());
    w.finish();
    CHECK(!w.queue->find(w.job->id));
}

TEST_CASE("an internal error while a run goes back into the queue ends it with an answer, and it is not run again") {
    World w;
    w.begin_in_host();
    w.queue_fails = true;
    w.end_with(end_of(How::stopped));
    CHECK(!w.queue_fails);
    CHECK(w.is_answered(jobs::State::failed));
    CHECK(w.job->answer.problem.find("The plugin server met an internal error.") == 0);
    CHECK(w.queue->counts("p").queued == 0);
    CHECK(!w.queue->claim("p"));
}
