#include "host/model/model_job.hpp"

#include "host/job/recorded_job.hpp"
#include "host/model/own_model.hpp"
#include "host/model/task_server.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

RunResult run(const TaskServer &hub, const std::string &event, const std::string &says) {
    RecordedJob recorded(event, hub.server.url());
    const OwnModel model = OwnModel::that_says(says);
    return run_model(recorded.job, model.table, nullptr);
}

std::string answer(const RunResult &result) {
    const auto *outcome = std::get_if<Outcome>(&result);
    return outcome ? outcome->value : "failed: " + std::get<Failure>(result).user_text;
}

} // namespace

TEST_CASE("a user gets the labels of the model, and Hub is not asked") {
    const TaskServer hub;
    CHECK(
        answer(run(hub, R"({"assetId":"a","dataURL":"d"})", R"({"objects":[{"t":1}],"brushDataUrl":"u","later":5})")) ==
        R"({"objects":[{"t":1}],"classifications":[],"relations":[],"brushDataUrl":"u","later":5})");
    CHECK(answer(run(hub, "{}", "")) == R"({"objects":[],"classifications":[],"relations":[]})");
    CHECK(answer(run(hub, "{}", "[")).starts_with("failed: The model's answer cannot be used"));
    CHECK(hub.server.requests().empty());
}

TEST_CASE("labels that must not be overwritten stand behind those of the model") {
    TaskServer hub;
    hub.tasks["t1"].answer = R"({"tools":[{"old":1}]})";
    hub.tasks["t1"].brushes = R"(,"brushDataUrl":"before")";
    CHECK(answer(run(hub, R"({"taskId":"t1","overwrite":false})", R"({"objects":[{"new":1}]})")) ==
          R"({"objects":[{"new":1},{"old":1}],"classifications":[],"relations":[],"brushDataUrl":"before"})");
    CHECK(answer(run(hub, R"({"taskId":"t2","overwrite":false})", "{}")).starts_with("failed: Hub refused the task"));
}

TEST_CASE("an asset of which the event names only the id is asked for once") {
    TaskServer hub;
    hub.assets = {R"({"_id":"a/1","externalId":"x","data":"https://d/1.jpg"})"};
    KnownAssets known;
    for (int i = 0; i < 2; ++i) {
        RecordedJob recorded(R"({"assetId":"a/1","projectId":"p1"})", hub.server.url());
        recorded.job.known_assets = &known;
        std::string asked;
        const OwnModel model([&](ango_job &, const ango_model_asset &asset) {
            for (const ango_str &part : {asset.id, asset.data, asset.external_id, asset.record})
                asked += std::string(OwnModel::view(part)) + " ";
            return ANGO_OK;
        });
        REQUIRE(std::holds_alternative<Outcome>(run_model(recorded.job, model.table, nullptr)));
        CHECK(asked == "a/1 https://d/1.jpg x {} "); // the record of revision 1 is frozen
    }
    CHECK(hub.server.lines() == std::vector<std::string>{"GET /v2/project/p1/assets"});
}

TEST_CASE("an asset that Hub does not have fails the run") {
    const TaskServer hub;
    CHECK(answer(run(hub, R"({"assetId":"gone","projectId":"p1"})", "{}"))
              .starts_with("failed: Hub has no asset with the id gone in the project"));
}

TEST_CASE("a workflow passes the task on, and no answer is expected") {
    TaskServer hub;
    hub.tasks["t1"];
    const auto result = run(hub, R"({"taskId":"t1","workflow":true})", "{}");
    REQUIRE(std::holds_alternative<Outcome>(result));
    CHECK(std::get<Outcome>(result).silent);
    CHECK(hub.tasks["t1"].stage == "s2");
}

TEST_CASE("without a task there is no place for labels of a workflow") {
    const TaskServer hub;
    for (const char *event : {R"({"workflow":true})", R"({"overwrite":false})"})
        CHECK(answer(run(hub, event, "{}")) ==
              "failed: The event from Hub names no task in \"taskId\", so its labels cannot be kept.");
    CHECK(hub.server.requests().empty());
}
