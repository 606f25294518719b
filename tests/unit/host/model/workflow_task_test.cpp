// A task in a workflow must be passed on exactly once. A server on loopback plays Hub and loses answers; a run that is
// killed begins a new attempt from its checkpoint. The stage of the task shows whether it was passed on, and the POSTs
// show how often.
#include "host/model/workflow_task.hpp"

#include "host/job/recorded_job.hpp"
#include "host/model/own_model.hpp"
#include "host/model/task_server.hpp"
#include "printing.hpp"

#include "base/clock.hpp"

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
        run.job.hub.api_url = server.url();
        HubAccess access(run.job, {.attempts = 3, .base_delay = 1ms, .max_delay = 1ms});
        ModelCall call(run.job, model.table, nullptr);
        return WorkflowTask(run.job, access, overwrite).run(call, {"a1", "", "", "t1"});
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

TEST_CASE("a young run needs one call: its objects have ids by which a later attempt knows them") {
    Workflow flow;
    REQUIRE(succeeded(flow.attempt()));
    CHECK(flow.task().stage == "s2");
    CHECK(flow.task().answer.find(R"("title":"car")") != std::string::npos);
    CHECK(flow.task().answer.find(R"("objectId":)") != std::string::npos);
    CHECK(flow.run.checkpoints == std::vector<std::string>{"{}"});
    REQUIRE(flow.server.requests().size() == 1);
    CHECK(flow.server.requests().back().target == "/v2/annotate/t1?nextStage=true&isPlugin=true");
}

TEST_CASE("the task is read first if its labels are kept, have no ids, or the run is not young") {
    enum class Why { kept, no_objects, waited, later_attempt };
    for (const Why why : {Why::kept, Why::no_objects, Why::waited, Why::later_attempt}) {
        CAPTURE(static_cast<int>(why));
        Workflow flow;
        if (why == Why::no_objects) flow.answer = R"({"classifications":[{"schemaId":"c"}]})";
        if (why == Why::waited) flow.run.job.age = 61s;
        if (why == Why::later_attempt) flow.run.job.attempt = 2;
        REQUIRE(succeeded(flow.attempt(why != Why::kept)));
        CHECK(flow.server.lines() == std::vector<std::string>{"GET /v2/task/t1", "POST /v2/annotate/t1"});
        CHECK(flow.run.checkpoints == std::vector<std::string>{kCheckpoint});
    }
}

TEST_CASE("labels of the task are replaced or kept behind, as the user chose") {
    for (const bool overwrite : {true, false}) {
        Workflow flow;
        flow.tasks["t1"].answer = R"({"tools":[{"objectId":"old"}]})";
        flow.tasks["t1"].brushes = R"(,"brushDataUrl":"before")";
        REQUIRE(succeeded(flow.attempt(overwrite)));
        CHECK((flow.task().answer.find(R"(,{"objectId":"old"}],"classifications")") != std::string::npos) ==
              !overwrite);
        CHECK((flow.task().answer.find("old") == std::string::npos) == overwrite);
        CHECK(flow.task().brushes == (overwrite ? R"(,"brushDataUrl":null,"medicalBrushDataUrl":null)"
                                                : R"(,"brushDataUrl":"before","medicalBrushDataUrl":null)"));
    }
}

TEST_CASE("a later attempt whose first did not read the task knows its labels, and what others changed") {
    enum class Found { own_labels, nothing, other_change };
    for (const Found found : {Found::own_labels, Found::nothing, Found::other_change}) {
        CAPTURE(static_cast<int>(found));
        Workflow flow;
        if (found == Found::own_labels) REQUIRE(succeeded(flow.attempt()));
        if (found == Found::other_change) flow.tasks["t1"].updated = iso_time(now_ms() - 5'000);
        const std::size_t before = flow.posts().size();
        flow.run.job.checkpoint = "{}";
        flow.run.job.attempt = 2;
        flow.run.job.age = 20s;
        const auto result = flow.attempt();
        CHECK(succeeded(result) == (found != Found::other_change));
        CHECK(flow.posts().size() == before + (found == Found::nothing ? 1 : 0));
        if (found == Found::other_change) CHECK(failure(result).starts_with("The task was changed ("));
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
    CHECK(failure(flow.attempt()).starts_with("Hub refused the labels of the task: "));
    CHECK(failure(flow.attempt(false)).starts_with("Hub refused the task: "));
    Workflow other;
    other.answer = "[";
    CHECK(failure(other.attempt()).starts_with("The model's answer cannot be used"));
    CHECK(flow.posts().size() == 1);
    CHECK(other.posts().empty());
}
