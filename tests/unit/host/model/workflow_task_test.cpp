// A task in a workflow must be passed on exactly once. A server on loopback plays Hub and loses answers; a run that is
// killed begins a new attempt from its checkpoint. The stage of the task shows whether it was passed on, and the POSTs
// show how often.
#include "host/model/workflow_task.hpp"

#include "host/job/recorded_job.hpp"
#include "host/model/own_model.hpp"
#include "host/model/task_server.hpp"
#include "printing.hpp"

#include "base/clock.hpp"
#include "rest/http_client.hpp"

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;
using Fate = TaskServer::Fate;

namespace {

constexpr const char *kCheckpoint = R"({"stage":"s1","updatedAt":"2024-05-02T09:00:11.123Z"})";

struct Workflow : TaskServer {
    std::string answer = R"({"objects":[{"title":"car"}]})";
    int predictions = 0;
    RecordedJob run{"{}"};

    Workflow() { tasks["t1"]; }

    RunResult attempt(bool overwrite = true) {
        const OwnModel model([this](ango_job &job, const ango_model_asset &) {
            ++predictions;
            job.value = answer;
            return ANGO_OK;
        });
        rest::HttpClient client({"", "", {}});
        rest::HubApi hub(client, {server.url(), "k", {.attempts = 3, .base_delay = 1ms, .max_delay = 1ms}, {}},
                         run.job.cancel);
        ModelCall call(run.job, model.table, nullptr);
        return WorkflowTask(run.job, hub, overwrite).run(call, {"a1", "", "", "t1"});
    }
    const Task &task() { return tasks["t1"]; }
};

bool succeeded(const RunResult &result) {
    const auto *outcome = std::get_if<Outcome>(&result);
    return outcome && outcome->silent;
}

std::string failure(const RunResult &result) {
    const auto *failed = std::get_if<Failure>(&result);
    return failed ? failed->user_text : "";
}

} // namespace

TEST_CASE("a task is labelled and passed on, after its state was saved") {
    Workflow flow;
    REQUIRE(succeeded(flow.attempt()));
    CHECK(flow.task().stage == "s2");
    CHECK(flow.task().answer.find(R"("title":"car")") != std::string::npos);
    CHECK(flow.task().answer.find(R"("objectId":)") != std::string::npos);
    CHECK(flow.run.checkpoints == std::vector<std::string>{kCheckpoint});
    CHECK(flow.server.requests().back().target == "/v2/annotate/t1?nextStage=true&isPlugin=true");
}

TEST_CASE("labels of the task are replaced or kept in front, as the user chose") {
    for (const bool overwrite : {true, false}) {
        Workflow flow;
        flow.tasks["t1"].answer = R"({"tools":[{"objectId":"old"}]})";
        REQUIRE(succeeded(flow.attempt(overwrite)));
        CHECK((flow.task().answer.find(R"({"objects":[{"objectId":"old"},)") == 0) == !overwrite);
        CHECK((flow.task().answer.find("old") == std::string::npos) == overwrite);
    }
}

TEST_CASE("whatever becomes of the answer, the task is passed on once") {
    for (const Fate fate : {Fate::lost_before, Fate::lost_after, Fate::unreadable}) {
        CAPTURE(static_cast<int>(fate));
        Workflow flow;
        flow.fates = {fate};
        REQUIRE(succeeded(flow.attempt()));
        CHECK(flow.task().stage == "s2");
        CHECK(flow.posts().size() == (fate == Fate::lost_before ? 2 : 1));
        CHECK(flow.predictions == 1);
    }
}

TEST_CASE("a call that is always lost fails, and a later attempt may follow") {
    Workflow flow;
    flow.fates.assign(9, Fate::lost_before);
    const auto result = flow.attempt();
    REQUIRE(std::holds_alternative<Failure>(result));
    CHECK(std::get<Failure>(result).retry_after_ms > 0);
    CHECK(flow.posts().size() == 3);
    CHECK(flow.task().stage == "s1");
}

TEST_CASE("a refusal is final") {
    Workflow flow;
    flow.fates = {Fate::refused};
    CHECK(failure(flow.attempt()).starts_with("Hub refused the labels of the task: no right (HTTP 400"));
    CHECK(flow.posts().size() == 1);
}

TEST_CASE("without a saved checkpoint nothing is sent") {
    Workflow flow;
    flow.run.saves_left = 0;
    CHECK_FALSE(failure(flow.attempt()).empty());
    CHECK(flow.posts().empty());
}

TEST_CASE("a later attempt sends nothing if the task has left its stage") {
    Workflow flow;
    flow.run.job.checkpoint = kCheckpoint;
    flow.tasks["t1"].stage = "s2";
    REQUIRE(succeeded(flow.attempt()));
    CHECK(flow.posts().empty());
    CHECK(flow.predictions == 0);
    REQUIRE(flow.run.log.size() == 1);
    CHECK(flow.run.log[0] ==
          "the task was passed to the next stage before (it is in stage s2 now); sending nothing again");
}

TEST_CASE("a later attempt knows its own labels in a stage that leads to itself") {
    Workflow flow;
    REQUIRE(succeeded(flow.attempt()));
    flow.run.job.checkpoint = flow.run.checkpoints.back();
    flow.tasks["t1"].stage = "s1";
    flow.tasks["t1"].updated = "2024-05-02T10:00:00.000Z";
    REQUIRE(succeeded(flow.attempt()));
    CHECK(flow.posts().size() == 1);
    CHECK(flow.run.log.back() ==
          "the task was passed to the next stage before (it has these labels); sending nothing again");
}

TEST_CASE("a later attempt goes on if nothing has happened to the task") {
    Workflow flow;
    flow.run.job.checkpoint = kCheckpoint;
    REQUIRE(succeeded(flow.attempt()));
    CHECK(flow.posts().size() == 1);
    CHECK(flow.task().stage == "s2");
}

TEST_CASE("a task that others have changed meanwhile is left as it is") {
    Workflow flow;
    flow.run.job.checkpoint = kCheckpoint;
    flow.tasks["t1"].updated = "2024-05-02T10:00:00.000Z";
    CHECK(failure(flow.attempt()) ==
          "The task was changed (2024-05-02T10:00:00.000Z) while this run waited, so the plugin left it as it is, in "
          "stage s1. Run the plugin on it again.");
    CHECK(flow.posts().empty());
}

TEST_CASE("a run that waited long leaves a task that was changed since it began to wait") {
    for (const bool changed : {true, false}) {
        Workflow flow;
        flow.run.job.age = 1h;
        flow.tasks["t1"].updated = iso_time(now_ms() - (changed ? 10 * 60'000 : 120 * 60'000));
        const auto result = flow.attempt();
        CHECK(succeeded(result) == !changed);
        CHECK(flow.posts().size() == (changed ? 0 : 1));
        REQUIRE(!flow.run.log.empty());
        CHECK(flow.run.log[0].starts_with("this run waited 3600 s; its task is in stage s1, last changed "));
    }
}

TEST_CASE("a task that is gone, and a model that fails, send nothing") {
    Workflow flow;
    flow.tasks.clear();
    CHECK(failure(flow.attempt()).starts_with("Hub refused the task: "));
    Workflow other;
    other.answer = "[";
    CHECK(failure(other.attempt()).starts_with("The model's answer cannot be used"));
    CHECK(flow.posts().empty());
    CHECK(other.posts().empty());
}
