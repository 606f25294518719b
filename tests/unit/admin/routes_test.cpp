// The routes with views and actions that the test makes up: which request does what, and what it answers.
//
// The store and the queue behind the list of jobs are real ones.
#include "admin/routes.hpp"

#include "printing.hpp"
#include "run_coroutine.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::admin;

namespace {

struct FakeViews final : Views {
    StatusView status() const override {
        StatusView view;
        view.state = DaemonState::draining;
        return view;
    }
    std::vector<PluginView> plugins() const override {
        PluginView view;
        view.name = "p";
        view.state = PluginState::no_module;
        return {view};
    }
    bool has_plugin(const std::string &name) const override { return name == "p"; }
    std::vector<ModuleView> modules() const override {
        ModuleView view;
        view.id = "m";
        return {view};
    }
    std::optional<RecordingView> recording(const std::string &plugin, std::size_t since) const override {
        if (plugin != "p") return std::nullopt;
        if (since == 1) return RecordingView{true, 2, {R"({"at_ms":2})"}};
        return RecordingView{true, 2, {R"({"at_ms":1})", R"({"at_ms":2})"}};
    }
};

struct FakeActions final : Actions {
    std::vector<std::string> done;
    Result<void> answer = {};
    Result<void> note(const std::string &what) {
        done.push_back(what);
        return answer;
    }
    awaitable<Result<void>> cancel_job(std::string id) override { co_return note("cancel " + id); }
    awaitable<Result<void>> retry_job(std::string id) override { co_return note("retry " + id); }
    Result<void> enable_plugin(const std::string &name) override { return note("enable " + name); }
    Result<void> disable_plugin(const std::string &name) override { return note("disable " + name); }
    Result<void> restart_plugin(const std::string &name) override { return note("restart " + name); }
    Result<void> record_plugin(const std::string &name) override { return note("record " + name); }
    Result<void> end_recording(const std::string &name) override { return note("end recording " + name); }
    Result<void> reload_module(const std::string &id) override { return note("reload " + id); }
    Result<void> rollback_module(const std::string &id) override { return note("rollback " + id); }
    awaitable<Result<void>> reload_configuration() override { co_return note("reload configuration"); }
    void shut_down() override { done.emplace_back("shut down"); }
};

struct World {
    TemporaryFolder folder;
    asio::io_context context;
    std::unique_ptr<jobs::Store> store;
    std::optional<jobs::Queue> queue;
    FakeViews views;
    FakeActions actions;
    std::optional<Routes> routes;

    World() {
        auto opened = jobs::Store::open(folder.path() / "state", false, context.get_executor());
        REQUIRE(opened);
        store = std::move(*opened);
        queue.emplace(context.get_executor(), *store);
        routes.emplace(views, actions, *store, *queue, log_tail());
    }
    http::Response ask(const std::string &method, const std::string &path,
                       std::map<std::string, std::string> query = {}) {
        http::Request request;
        request.method = method;
        request.path = path;
        request.query = std::move(query);
        request.caller = std::make_shared<http::Caller>();
        return run_coroutine(context, routes->handle(std::move(request)));
    }
};

} // namespace

TEST_CASE("routes: each verb sets off its action, with POST only") {
    World w;
    const std::vector<std::pair<std::string, std::string>> verbs = {{"/v1/jobs/1/cancel", "cancel 1"},
                                                                    {"/v1/jobs/1/retry", "retry 1"},
                                                                    {"/v1/plugins/p/enable", "enable p"},
                                                                    {"/v1/plugins/p/disable", "disable p"},
                                                                    {"/v1/plugins/p/restart", "restart p"},
                                                                    {"/v1/plugins/p/record", "record p"},
                                                                    {"/v1/plugins/p/end-recording", "end recording p"},
                                                                    {"/v1/modules/m/reload", "reload m"},
                                                                    {"/v1/modules/m/rollback", "rollback m"},
                                                                    {"/v1/reload", "reload configuration"}};
    for (const auto &[path, action] : verbs) {
        CHECK(w.ask("GET", path).status == 405);
        CHECK(w.actions.done.empty());
        const auto response = w.ask("POST", path);
        CHECK(response.status == 200);
        CHECK(response.body == R"({"done":true})");
        CHECK(w.actions.done == std::vector<std::string>{action});
        w.actions.done.clear();
    }
    CHECK(w.ask("POST", "/v1/shutdown").status == 202);
    CHECK(w.actions.done == std::vector<std::string>{"shut down"});
}

TEST_CASE("routes: a recording is shown as it is") {
    World w;
    const auto shown = w.ask("GET", "/v1/plugins/p/recording");
    CHECK(shown.status == 200);
    CHECK(shown.body == R"({"recording":true,"left_out":2,"messages":[{"at_ms":1},{"at_ms":2}]})");
    CHECK(w.ask("GET", "/v1/plugins/p/recording", {{"since", "1"}}).body ==
          R"({"recording":true,"left_out":2,"messages":[{"at_ms":2}]})");
    CHECK(w.ask("GET", "/v1/plugins/p/recording", {{"since", "-1"}}).body ==
          R"({"error":{"code":"invalid","message":"since must be a whole number, not below 0"}})");
    CHECK(w.ask("GET", "/v1/plugins/p/recording", {{"from", "1"}}).status == 400);
    CHECK(w.ask("GET", "/v1/plugins/x/recording").status == 404);
    CHECK(w.ask("POST", "/v1/plugins/p/recording").status == 405);
}

TEST_CASE("routes: an action that did not happen is a conflict, or something is not found") {
    World w;
    w.actions.answer = error(Code::invalid, "no \"way\"");
    const auto conflict = w.ask("POST", "/v1/jobs/1/cancel");
    CHECK(conflict.status == 409);
    CHECK(conflict.body == R"({"error":{"code":"conflict","message":"no \"way\""}})");
    w.actions.answer = error(Code::not_found, "none");
    CHECK(w.ask("POST", "/v1/plugins/x/restart").status == 404);
}

TEST_CASE("routes: states are shown by their names") {
    World w;
    CHECK(w.ask("GET", "/v1/status").body.find(R"("state":"draining")") != std::string::npos);
    CHECK(w.ask("GET", "/v1/plugins/p").body.find(R"("state":"no-module")") != std::string::npos);
    CHECK(w.ask("GET", "/metrics").body.find(R"(angod_plugin_state{plugin="p",state="no-module"} 1)") !=
          std::string::npos);
    CHECK(w.ask("GET", "/v1/modules/m").status == 200);
    CHECK(name_of(PluginState::settings_refused) == "settings-refused");
    CHECK(name_of(PluginState::live) == "live");
    CHECK(name_of(PluginState::connecting) == "connecting");
    CHECK(name_of(PluginState::backoff) == "backoff");
    CHECK(name_of(PluginState::refused) == "refused");
    CHECK(name_of(PluginState::disabled) == "disabled");
}

TEST_CASE("routes: what is not there, and what is asked for wrongly") {
    World w;
    for (const char *path : {"/", "/v1/plugins/x", "/v1/modules/x", "/v1/jobs/x", "/v1/jobs/", "/v1/nothing"})
        CHECK(w.ask("GET", path).status == 404);
    for (const char *path : {"/v1/status", "/metrics", "/v1/plugins", "/v1/modules", "/v1/jobs", "/v1/logs"})
        CHECK(w.ask("POST", path).status == 405);
    CHECK(w.ask("GET", "/v1/jobs").body == R"({"jobs":[]})");
    CHECK(w.ask("GET", "/v1/jobs", {{"state", "running"}}).status == 200);
    CHECK(w.ask("GET", "/v1/jobs", {{"state", "odd"}}).status == 400);
    CHECK(w.ask("GET", "/v1/jobs", {{"limit", "0"}}).status == 400);
    CHECK(w.ask("GET", "/v1/jobs", {{"limit", "1x"}}).status == 400);
    CHECK(w.ask("GET", "/v1/jobs", {{"colour", "red"}}).status == 400);
}

TEST_CASE("routes: a filter names a plugin that is there, or has jobs or lines, or the answer is 400") {
    World w;
    CHECK(w.ask("GET", "/v1/jobs", {{"plugin", "p"}}).status == 200);
    const auto unknown = w.ask("GET", "/v1/jobs", {{"plugin", "gone"}});
    CHECK(unknown.status == 400);
    CHECK(
        unknown.body ==
        R"({"error":{"code":"invalid","message":"there is no plugin \"gone\", and no job of such a plugin is kept"}})");
    const auto job = std::make_shared<jobs::Job>();
    job->id = "019a0000-0000-7000-8000-000000000001";
    job->plugin = "gone";
    job->session = R"("session-1")";
    REQUIRE(run_coroutine(w.context, w.store->record(job, std::make_shared<const std::string>("{}"), {})));
    CHECK(w.ask("GET", "/v1/jobs", {{"plugin", "gone"}}).status == 200);
    CHECK(w.ask("GET", "/v1/jobs", {{"plugin", "gone"}, {"state", "done"}}).body == R"({"jobs":[]})");
    CHECK(w.ask("GET", "/v1/logs", {{"plugin", "p"}}).status == 200);
    CHECK(w.ask("GET", "/v1/logs", {{"plugin", "gone"}}).status == 400);
    CHECK(w.ask("GET", "/v1/logs", {{"level", "warn"}}).status == 200);
}

TEST_CASE("routes: a search finds jobs by the beginning of the id, or else by the session") {
    World w;
    for (const char last : {'1', '2'}) {
        const auto job = std::make_shared<jobs::Job>();
        job->id = std::string("019a0000-0000-7000-8000-00000000000") + last;
        job->plugin = "p";
        job->session = last == '1' ? R"("session-1")" : "17";
        REQUIRE(run_coroutine(w.context, w.store->record(job, std::make_shared<const std::string>("{}"), {})));
    }
    const auto ids = [&](const std::string &text) {
        const auto response = w.ask("GET", "/v1/jobs", {{"match", text}});
        CHECK(response.status == 200);
        std::string out;
        for (const char last : {'1', '2'})
            if (response.body.find(std::string("00000000000") + last) != std::string::npos) out += last;
        return out;
    };
    CHECK(ids("019a0000") == "12");
    CHECK(ids("019a0000-0000-7000-8000-000000000002") == "2");
    CHECK(ids("session-1") == "1");
    CHECK(ids("17") == "2");
    CHECK(ids("session").empty());
    CHECK(ids("%").empty());
    CHECK(w.ask("GET", "/v1/jobs", {{"match", std::string(257, 'x')}}).status == 400);
    CHECK(w.ask("GET", "/v1/jobs", {{"match", "a"}, {"plugin", "p"}}).status == 400);
}
