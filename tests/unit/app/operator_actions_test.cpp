// The actions of an operator on real parts: each with its success, and with every reason why nothing happens.
//
// The effect of an action is looked at where it shows: in the job, in the view of the plugin, in the modules. Jobs wait,
// run and end as the fake host program does what their events say.
#include "app/operator_actions.hpp"

#include "app/real_parts.hpp"

using namespace angod;
using namespace angod::app;

namespace {

struct World : RealParts {
    int loads = 0, stops = 0;
    Reload reload{[this] {
                      ++loads;
                      config::Loaded loaded;
                      loaded.config = config;
                      return loaded;
                  },
                  {executor(), lifecycle, config, *plugins, *queue, calls, nullptr}};
    ~World() { finish(); }
    OperatorActions actions{{lifecycle, *queue, *plugins, *modules, reload, [this] { ++stops; }}};

    Result<void> cancel_job(const std::string &id) { return run_coroutine(context, actions.cancel_job(id)); }
    Result<void> retry_job(const std::string &id) { return run_coroutine(context, actions.retry_job(id)); }

    /// A job that waits an hour for its next attempt.
    jobs::JobPtr put_back_for_long() {
        plugins->find("p")->disable("for a test"); // nobody claims it meanwhile
        until([&] { return plugins->find("p")->idle(); });
        const auto job = record("finish");
        queue->take(job);
        jobs::PutBack back;
        back.charged = true;
        back.wait_ms = 3'600'000;
        run_coroutine(context, queue->put_back(job, back));
        plugins->find("p")->enable();
        until_serving();
        CHECK(job->state == jobs::State::queued);
        return job;
    }
};

Code code_of(const Result<void> &done) {
    REQUIRE(!done);
    CHECK(!done.error().text.empty());
    return done.error().code;
}

} // namespace

TEST_CASE("operator: while angod starts, plugins are not there yet, and it says so") {
    World w;
    CHECK(code_of(w.actions.enable_plugin("p")) == Code::invalid);
    CHECK(code_of(w.actions.disable_plugin("p")) == Code::invalid);
    CHECK(code_of(w.actions.restart_plugin("p")) == Code::invalid);
}

TEST_CASE("operator: what does not exist is not found") {
    World w;
    w.start({});
    CHECK(code_of(w.cancel_job("none")) == Code::not_found);
    CHECK(code_of(w.retry_job("none")) == Code::not_found);
    CHECK(code_of(w.actions.enable_plugin("p")) == Code::not_found);
    CHECK(code_of(w.actions.disable_plugin("p")) == Code::not_found);
    CHECK(code_of(w.actions.restart_plugin("p")) == Code::not_found);
    CHECK(code_of(w.actions.reload_module("echo")) == Code::not_found);
    CHECK(code_of(w.actions.rollback_module("echo")) == Code::not_found);
}

TEST_CASE("operator: a job of a plugin that is not configured is neither cancelled nor retried") {
    World w;
    w.start({});
    const auto job = w.record("finish", "gone");
    CHECK(code_of(w.cancel_job(job->id)) == Code::not_found);
    CHECK(code_of(w.retry_job(job->id)) == Code::not_found);
    CHECK(job->state == jobs::State::queued);
}

TEST_CASE("operator: cancel a job that waits, one that runs, and one that is answered") {
    World w;
    w.start_serving();
    const auto running = w.record_long();
    const auto waiting = w.record("wait");
    REQUIRE(w.cancel_job(waiting->id));
    w.until([&] { return waiting->state == jobs::State::answering; });
    CHECK(waiting->answer.outcome == jobs::State::cancelled);
    CHECK(running->state == jobs::State::running);
    REQUIRE(w.cancel_job(running->id));
    w.until_answered(running, jobs::State::cancelled);
    CHECK(code_of(w.cancel_job(running->id)) == Code::invalid);
}

TEST_CASE("operator: cancel a job that waits for its next attempt") {
    World w;
    w.start_serving();
    const auto job = w.put_back_for_long();
    REQUIRE(w.cancel_job(job->id));
    w.until_answered(job, jobs::State::cancelled);
}

TEST_CASE("operator: cancel a job of a plugin that works on nothing") {
    World w;
    w.start({RealParts::plugin()}); // there is no module
    // Until it is known that there is none: before that the job would be answered as failed in a moment.
    w.until([&] { return w.modules->complete() && w.view().state == admin::PluginState::no_module; });
    int turns = 0;
    w.until([&] { return ++turns > 50; }); // of the event loop, in which the plugin hears of it
    const auto job = w.record("finish");
    REQUIRE(w.cancel_job(job->id));
    w.until_answered(job, jobs::State::cancelled);
}

TEST_CASE("operator: retry a job that waits for its next attempt, and no other") {
    World w;
    w.start_serving();
    const auto job = w.put_back_for_long();
    REQUIRE(w.retry_job(job->id));
    w.until_answered(job, jobs::State::done);
    CHECK(code_of(w.retry_job(job->id)) == Code::invalid);
    const auto running = w.record_long();
    CHECK(code_of(w.retry_job(running->id)) == Code::invalid);
}

TEST_CASE("operator: disable and enable a plugin") {
    World w;
    w.start_serving();
    REQUIRE(w.actions.disable_plugin("p"));
    w.until([&] { return w.view().state == admin::PluginState::disabled; });
    CHECK(w.view().reason == "disabled by the operator");
    REQUIRE(w.actions.disable_plugin("p")); // once more
    CHECK(w.plugins->find("p")->disabled() == "disabled by the operator");
    REQUIRE(w.actions.enable_plugin("p"));
    w.until_serving();
    CHECK(w.plugins->find("p")->disabled().empty());
    REQUIRE(w.actions.enable_plugin("p"));
    CHECK(w.plugins->find("p")->disabled().empty());
}

TEST_CASE("operator: restart a plugin: its hosts are replaced, and a run under way ends in its own") {
    World w;
    w.start_serving();
    const auto job = w.record_long();
    const int pid = w.view().hosts.at(0).pid;
    REQUIRE(w.actions.restart_plugin("p"));
    CHECK(w.view().hosts.at(0).draining);
    CHECK(w.is_in_host(job));
    REQUIRE(w.cancel_job(job->id));
    w.until_answered(job, jobs::State::cancelled);
    const auto next = w.record_long();
    CHECK(w.is_in_host(next));
    CHECK(w.view().hosts.back().pid != pid);
}

TEST_CASE("operator: reload a module and roll it back") {
    World w;
    w.serve("1");
    w.start({});
    CHECK(code_of(w.actions.rollback_module("echo")) == Code::invalid); // to nothing
    REQUIRE(w.actions.reload_module("echo"));
    w.until([&] { return w.modules->find("echo")->number == 2; });
    w.serve("2");
    REQUIRE(w.actions.rollback_module("echo"));
    CHECK(w.modules->find("echo")->version.info.version == "1");
}

TEST_CASE("operator: reload the configuration") {
    World w;
    w.start({});
    CHECK(run_coroutine(w.context, w.actions.reload_configuration()));
    CHECK(w.loads == 1);
    w.lifecycle.request_stop();
    CHECK(!run_coroutine(w.context, w.actions.reload_configuration()));
}

TEST_CASE("operator: shut down") {
    World w;
    w.actions.shut_down();
    CHECK(w.stops == 1);
}
