// One host from its start to its end, with real processes of the fake host program: every way to load and to fail, to run
// and to cancel jobs, to leave and to die, at each phase.
//
// Each test is a coroutine on an event loop of its own, and must leave nothing running there. It may not have captures
// (base/async.hpp), so it stands in front of its TEST_CASE as a function.
#include "supervisor/host_process.hpp"

#include "printing.hpp"
#include "supervisor/fake_hosts.hpp"

#include <signal.h>

using namespace angod;
using namespace angod::supervisor;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using How = JobEnd::How;
const auto kNever = Clock::time_point::max();

struct Hosts : FakeHosts {
    std::chrono::milliseconds stop_grace = 20ms;

    awaitable<std::shared_ptr<HostProcess>> start(std::string module_lines, std::chrono::seconds start_limit = 20s) {
        HostOptions options;
        options.label = "test";
        options.module_path = module(module_lines).string();
        options.start_limit = start_limit;
        options.stop_grace = stop_grace;
        Log log;
        auto host = co_await HostProcess::launch(program, std::move(options), std::move(log));
        REQUIRE(host);
        CHECK((*host)->phase() == HostPhase::loading);
        co_return *host;
    }
    /// A host that is ready for jobs.
    awaitable<std::shared_ptr<HostProcess>> ready(std::string module_lines = "id echo\nversion 1\nconcurrent\n") {
        const auto host = co_await start(module_lines);
        const auto loaded = co_await host->load();
        REQUIRE(loaded);
        host_protocol::OpenPlugin request{"plugin", 1, "{}"};
        const auto opened = co_await host->open_plugin(std::move(request));
        REQUIRE(opened);
        CHECK(host->phase() == HostPhase::ready);
        CHECK(host->alive());
        co_return host;
    }
};

awaitable<Error> load_fails(Hosts &hosts, std::string module_lines, std::chrono::seconds limit = 20s) {
    const auto host = co_await hosts.start(module_lines, limit);
    const auto loaded = co_await host->load();
    REQUIRE(!loaded);
    CHECK(host->phase() == HostPhase::gone);
    CHECK(::kill(host->pid(), 0) != 0);
    co_return loaded.error();
}

awaitable<Error> open_fails(Hosts &hosts, std::string module_lines, std::chrono::seconds limit = 20s) {
    const auto host = co_await hosts.start(module_lines, limit);
    const auto loaded = co_await host->load();
    REQUIRE(loaded);
    host_protocol::OpenPlugin request{"plugin", 1, "the reason"};
    const auto opened = co_await host->open_plugin(std::move(request));
    REQUIRE(!opened);
    co_await host->leave(5s);
    CHECK(host->phase() == HostPhase::gone);
    co_return opened.error();
}

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

} // namespace

// ---- loading

awaitable<void> test_load(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    CHECK(host->module().id == "echo");
    CHECK(host->module().concurrent);
    CHECK(host->resident() > 0);
    co_await host->leave(20s);
    CHECK(host->phase() == HostPhase::gone);
    CHECK(has(host->end_text(), "exited with code 0"));
}
TEST_CASE("a host loads a module, opens a plugin and leaves when it is asked to") {
    Hosts hosts;
    hosts.run(test_load(hosts));
}

awaitable<void> test_load_failures(Hosts &hosts) {
    Error why = co_await load_fails(hosts, "load refuse");
    CHECK(why.code == Code::invalid);
    CHECK(why.text == "it is no module");
    why = co_await load_fails(hosts, "load crash");
    CHECK(why.code == Code::remote);
    CHECK(has(why.text, "while it was loading the module; it printed: no memory for the module"));
    why = co_await load_fails(hosts, "load hang", 0s);
    CHECK(why.code == Code::timeout);
    why = co_await load_fails(hosts, "load old");
    CHECK(why.code == Code::invalid);
    CHECK(has(why.text, "install both from one package"));
    for (const std::string broken : {"load damaged", "load unknown", "load too long", "version 1"}) {
        CAPTURE(broken);
        why = co_await load_fails(hosts, broken);
        CHECK(why.code == Code::invalid);
    }
    why = co_await load_fails(hosts, "load close"); // the process itself would live on
    CHECK(why.code == Code::remote);
}
TEST_CASE("a host that cannot load its module is ended, and says why") {
    Hosts hosts;
    hosts.run(test_load_failures(hosts));
}

awaitable<void> kill_after_start(std::shared_ptr<HostProcess> host) {
    host->kill();
    CHECK(host->phase() == HostPhase::ending);
    CHECK(!host->alive());
    co_return;
}
awaitable<void> test_kill_while_loading(Hosts &hosts) {
    const auto host = co_await hosts.start("load hang");
    spawn(hosts.context.get_executor(), "kill", kill_after_start(host));
    const auto loaded = co_await host->load();
    REQUIRE(!loaded);
    CHECK(loaded.error().code == Code::remote);
    CHECK(host->phase() == HostPhase::gone);
    CHECK(!host->died_idle());
}
TEST_CASE("a host that is killed while it loads its module is gone when load returns") {
    Hosts hosts;
    hosts.run(test_kill_while_loading(hosts));
}

awaitable<void> test_leave_while_loading(Hosts &hosts) {
    const auto host = co_await hosts.start("load hang");
    spawn(hosts.context.get_executor(), "leave", host->leave(5s));
    const auto loaded = co_await host->load();
    REQUIRE(!loaded);
    CHECK(host->phase() == HostPhase::gone);
}
TEST_CASE("a host that is asked to leave while it loads its module is gone when load returns") {
    Hosts hosts;
    hosts.run(test_leave_while_loading(hosts));
}

awaitable<void> test_open_failures(Hosts &hosts) {
    const std::string good = "id echo\nversion 1\n";
    Error why = co_await open_fails(hosts, good + "create refuse");
    CHECK(why.code == Code::invalid);
    CHECK(why.text == "the module refused the plugin: the reason");
    why = co_await open_fails(hosts, good + "create crash");
    CHECK(why.code == Code::remote);
    CHECK(has(why.text, "in the module's create; it printed: create failed"));
    why = co_await open_fails(hosts, good + "create hang", 1s);
    CHECK(why.code == Code::timeout);
}
TEST_CASE("a plugin that cannot be opened says why") {
    Hosts hosts;
    hosts.run(test_open_failures(hosts));
}

// ---- jobs

awaitable<void> test_job(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    Job finished(hosts.context.get_executor()), failed(finished.executor), told(finished.executor),
        saved(finished.executor), logged(finished.executor);
    finished.start(host, "1", "finish");
    failed.start(host, "2", "fail");
    told.start(host, "3", "progress");
    saved.start(host, "4", "checkpoint");
    logged.start(host, "5", "log a line");
    JobEnd end = co_await finished.ended();
    CHECK(end.how == How::finished);
    CHECK(end.result.succeeded);
    end = co_await failed.ended();
    CHECK(end.how == How::finished);
    CHECK(!end.result.succeeded);
    CHECK(end.result.user_text == "It did not work.");
    co_await told.ended();
    CHECK(told.told.progress == "1/2");
    end = co_await saved.ended();
    CHECK(saved.told.checkpoint == "half");
    CHECK(end.result.succeeded);
    co_await logged.ended();
    CHECK(logged.told.log == "a line");
    CHECK(host->running() == 0);
    co_await host->leave(20s);
}
TEST_CASE("jobs run to their end and tell about themselves") {
    Hosts hosts;
    hosts.run(test_job(hosts));
}

awaitable<void> test_cancel(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    Job obeys(hosts.context.get_executor()), ignores(obeys.executor), other(obeys.executor);
    obeys.start(host, "obeys", "wait");
    host->cancel("nobody");
    host->cancel("obeys");
    JobEnd end = co_await obeys.ended();
    CHECK(end.how == How::cancelled);
    CHECK(host->alive());

    ignores.start(host, "ignores", "hang");
    other.start(host, "other", "wait");
    host->cancel("ignores");
    end = co_await ignores.ended();
    CHECK(end.how == How::cancelled);
    end = co_await other.ended();
    CHECK(end.how == How::stopped);
    CHECK(host->phase() == HostPhase::gone);
    CHECK(!host->died_idle());
}
TEST_CASE("a cancelled job is asked to stop; if it does not, its host is ended") {
    Hosts hosts;
    hosts.run(test_cancel(hosts));
}

awaitable<void> test_timeout(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    Job obeys(hosts.context.get_executor()), ignores(obeys.executor);
    obeys.start(host, "obeys", "wait", Clock::now() + 20ms);
    JobEnd end = co_await obeys.ended();
    CHECK(end.how == How::timed_out);
    CHECK(host->alive());
    ignores.start(host, "ignores", "hang", Clock::now() + 20ms);
    end = co_await ignores.ended();
    CHECK(end.how == How::timed_out);
    CHECK(!end.reports_crash); // angod ended the host
    CHECK(host->phase() == HostPhase::gone);
}

awaitable<void> test_crash_alone_while_stopping(Hosts &hosts, bool cancel) {
    const auto host = co_await hosts.ready();
    Job job(hosts.context.get_executor());
    job.start(host, "job", "fall", cancel ? kNever : Clock::now() + 20ms);
    if (cancel) host->cancel("job");
    const JobEnd end = co_await job.ended();
    CHECK(end.how == (cancel ? How::cancelled : How::timed_out));
    CHECK(end.reports_crash);
}
TEST_CASE("a host that dies while its only job is being stopped has crashed") {
    for (const bool cancel : {true, false}) {
        Hosts hosts;
        hosts.stop_grace = 20s;
        hosts.run(test_crash_alone_while_stopping(hosts, cancel));
    }
}
TEST_CASE("a job that reaches its time-out is asked to stop; if it does not, its host is ended") {
    Hosts hosts;
    hosts.run(test_timeout(hosts));
}

awaitable<void> test_cancel_and_crash(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    Job cancelled(hosts.context.get_executor()), crashes(cancelled.executor);
    cancelled.start(host, "cancelled", "hang");
    co_await until([&] { return host->running() == 1; });
    host->cancel("cancelled");
    crashes.start(host, "crashes", "crash");
    const JobEnd end = co_await cancelled.ended();
    CHECK(end.how == How::cancelled); // a cancel counts, however the job ended
    const JobEnd other = co_await crashes.ended();
    CHECK(other.how == How::died_together);
    CHECK(end.reports_crash != other.reports_crash); // the crash is not forgotten, whichever job tells it
}
TEST_CASE("a job whose host dies while it is being cancelled ends as cancelled") {
    Hosts hosts;
    hosts.run(test_cancel_and_crash(hosts));
}

// ---- death

awaitable<void> test_crash(Hosts &hosts) {
    auto host = co_await hosts.ready();
    Job alone(hosts.context.get_executor()), first(alone.executor), second(alone.executor), late(alone.executor);
    alone.start(host, "alone", "crash");
    JobEnd end = co_await alone.ended();
    CHECK(end.how == How::died_alone);
    CHECK(end.reports_crash);
    CHECK(!end.over_memory);
    CHECK(has(end.text, "about to crash"));
    CHECK(!host->died_idle());
    late.start(host, "late", "finish");
    end = co_await late.ended();
    CHECK(end.how == How::stopped);

    host = co_await hosts.ready();
    first.start(host, "first", "wait");
    second.start(host, "second", "crash");
    end = co_await first.ended();
    const JobEnd other = co_await second.ended();
    CHECK(end.how == How::died_together);
    CHECK(other.how == How::died_together);
    CHECK(end.reports_crash != other.reports_crash);
}
TEST_CASE("the jobs of a host that dies learn how, and that it was theirs alone") {
    Hosts hosts;
    hosts.run(test_crash(hosts));
}

awaitable<void> test_dies_idle(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    ::kill(host->pid(), SIGKILL);
    co_await host->ended(kNever);
    CHECK(host->phase() == HostPhase::gone);
    CHECK(host->died_idle());
    CHECK(has(host->end_text(), "signal 9"));
    host->kill(); // harmless
    co_await host->leave(0s);
    CHECK(host->phase() == HostPhase::gone);
}
TEST_CASE("a host that dies without a job is known to have died idle") {
    Hosts hosts;
    hosts.run(test_dies_idle(hosts));
}

awaitable<void> test_channel_closed(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    Job job(hosts.context.get_executor());
    job.start(host, "job", "close"); // the process would live on
    const JobEnd end = co_await job.ended();
    CHECK(end.how == How::died_alone);
    CHECK(host->phase() == HostPhase::gone);
}
TEST_CASE("a host that closes its channel is ended") {
    Hosts hosts;
    hosts.run(test_channel_closed(hosts));
}

awaitable<void> test_memory(Hosts &hosts) {
    HostOptions options;
    options.label = "test";
    options.module_path = hosts.module().string();
    options.memory = 1; // it uses more than a byte
    Log log;
    const auto started = co_await HostProcess::launch(hosts.program, std::move(options), std::move(log));
    REQUIRE(started);
    const auto host = *started;
    const auto loaded = co_await host->load();
    REQUIRE(loaded);
    Job job(hosts.context.get_executor());
    job.start(host, "job", "wait");
    const JobEnd end = co_await job.ended();
    CHECK(end.how == How::died_alone);
    CHECK(end.over_memory);
    CHECK(has(end.text, "MB of memory, its limit is 0 MB"));
}
TEST_CASE("a host that uses too much memory is ended, and its job learns that") {
    Hosts hosts;
    hosts.run(test_memory(hosts));
}

// ---- leaving

awaitable<void> test_leave(Hosts &hosts) {
    auto host = co_await hosts.ready();
    Job job(hosts.context.get_executor()), stubborn(job.executor);
    job.start(host, "job", "wait");
    spawn(hosts.context.get_executor(), "leave", host->leave(20s));
    co_await until([&] { return host->phase() == HostPhase::leaving; });
    CHECK(!host->alive());
    host->cancel("job");
    JobEnd end = co_await job.ended();
    CHECK(end.how == How::cancelled);
    co_await host->ended(kNever);
    CHECK(has(host->end_text(), "exited with code 0"));

    host = co_await hosts.ready();
    stubborn.start(host, "stubborn", "wait");
    co_await until([&] { return host->running() == 1; });
    co_await host->leave(20ms);
    CHECK(host->phase() == HostPhase::gone);
    end = co_await stubborn.ended();
    CHECK(end.how == How::stopped);
}
TEST_CASE("a host that is asked to leave ends after its jobs, at the latest at the limit") {
    Hosts hosts;
    hosts.run(test_leave(hosts));
}

awaitable<void> test_death_while_leaving(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    Job job(hosts.context.get_executor());
    job.start(host, "job", "wait");
    spawn(hosts.context.get_executor(), "leave", host->leave(20s));
    co_await until([&] { return host->phase() == HostPhase::leaving; });
    ::kill(host->pid(), SIGKILL);
    const JobEnd end = co_await job.ended();
    CHECK(end.how == How::died_alone);
    CHECK(host->phase() == HostPhase::gone);
}
TEST_CASE("a host that dies while it is leaving ends its jobs as died") {
    Hosts hosts;
    hosts.run(test_death_while_leaving(hosts));
}

awaitable<void> test_kill_twice(Hosts &hosts) {
    const auto host = co_await hosts.ready();
    Job job(hosts.context.get_executor());
    job.start(host, "job", "wait");
    co_await until([&] { return host->running() == 1; });
    host->kill();
    CHECK(host->phase() == HostPhase::ending);
    Job late(hosts.context.get_executor());
    late.start(host, "late", "finish");
    host->kill();
    JobEnd end = co_await job.ended();
    CHECK(end.how == How::stopped);
    end = co_await late.ended();
    CHECK(end.how == How::stopped);
    co_await host->ended(kNever);
    CHECK(!host->died_idle());
}
TEST_CASE("the jobs of a host that is killed end as stopped, and it takes no further one") {
    Hosts hosts;
    hosts.run(test_kill_twice(hosts));
}
