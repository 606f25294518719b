// A batch model on a project, killed at every save of its checkpoint. A server on loopback plays Hub, and the model is
// part of the test. Each asset must be asked about, labelled and counted once.
//
// The checkpoint of a killed attempt is the start of the next one.
#include "host/model/batch_model_job.hpp"

#include "host/job/recorded_job.hpp"
#include "host/model/own_model.hpp"
#include "host/model/task_server.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace angod;
using namespace angod::host;

namespace {

struct Batch : TaskServer {
    std::string event = R"({"projectId":"p1","categorySchema":[{"schemaId":"s"}]})";
    std::optional<std::string> checkpoint;
    int saves_left = -1;
    std::string job_id = "j1";
    std::vector<std::string> log;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> progress;
    std::string asked; ///< external ids, in order
    OwnModel::Predict predict = [](ango_job &job, const ango_model_asset &) {
        job.value = R"({"objects":[{"title":"car"}]})";
        return ANGO_OK;
    };

    /// Adds assets with the external ids n0, n1, …; the last one is the newest.
    explicit Batch(int count = 0) {
        for (int i = 0; i < count; ++i) add(fmt::format("n{}", i));
    }
    /// in: the batches of the asset, as a JSON list; empty: the record does not tell.
    void add(const std::string &name, const std::string &in = "") {
        const std::string id = fmt::format("a{}", assets.size()), task = fmt::format("t{}", assets.size());
        assets.insert(assets.begin(), fmt::format(R"({{"_id":"{}","externalId":"{}","labelTasks":[{{"_id":"{}"}}]{}}})",
                                                  id, name, task, in.empty() ? "" : ",\"batches\":" + in));
        tasks[task];
        task_of_asset[name] = task;
    }
    RunResult attempt() {
        RecordedJob run(event, server.url());
        run.job.checkpoint = checkpoint;
        run.saves_left = saves_left;
        const OwnModel model([this](ango_job &job, const ango_model_asset &asset) {
            asked += std::string(OwnModel::view(asset.external_id)) + " ";
            return predict(job, asset);
        });
        auto result = run_batch_model(run.job, model.table, nullptr);
        if (!run.checkpoints.empty()) checkpoint = run.checkpoints.back();
        log = run.log;
        progress = run.progress;
        return result;
    }
    /// How often each external id is in an import.
    std::map<std::string, int> imported() const {
        std::map<std::string, int> out;
        for (const std::string &body : posts()) {
            const auto sent = json::parse(body);
            for (const auto &one : (*sent)["jsonContent"].GetArray()) ++out[json::text_or(one, "externalId", "")];
        }
        return out;
    }
};

std::string answer(const RunResult &result) {
    const auto *outcome = std::get_if<Outcome>(&result);
    return outcome ? outcome->value : "failed: " + std::get<Failure>(result).user_text;
}

std::int32_t fail(ango_job &job, const ango_model_asset &) {
    job.failure = {"It is too dark.", "lux 3", -1};
    return ANGO_FAILED;
}

} // namespace

TEST_CASE("every asset is labelled, the oldest first, in chunks of a hundred") {
    Batch batch(230);
    CHECK(answer(batch.attempt()) == "\"230 of 230 assets labelled.\"");
    CHECK(batch.asked.starts_with("n0 n1 n2 "));
    CHECK(batch.imported().size() == 230);
    CHECK(batch.posts().size() >= 3);
    CHECK(batch.progress.back() == std::pair<std::uint64_t, std::uint64_t>(230, 230));
    CHECK(batch.log.front() == "230 assets to label");
}

TEST_CASE("a project without assets has nothing to label") {
    Batch batch;
    CHECK(answer(batch.attempt()) == "\"There are no assets to label.\"");
}

TEST_CASE("only the batch of the event is asked for, by its id") {
    Batch batch(1);
    batch.batches = {{"b1", "day"}};
    batch.event = R"({"projectId":"p/1","batches":["day"]})";
    batch.attempt();
    REQUIRE(batch.server.requests().size() > 1);
    CHECK(batch.server.requests()[0].target == "/v2/project/p%2F1");
    CHECK(batch.server.requests()[1].target ==
          "/v2/project/p%2F1/assets?page=1&limit=100&filters=%7B%22batches%22%3A%5B%22b1%22%5D%7D");
}

TEST_CASE("an unknown batch fails the run before anything is labelled") {
    Batch batch(1);
    batch.event = R"({"projectId":"p1","batches":["dusk"]})";
    CHECK(answer(batch.attempt()).starts_with("failed: The project has no batch \"dusk\"."));
    CHECK(batch.asked.empty());
}

TEST_CASE("the assets of several batches are labelled once each, through any kill") {
    for (const bool tells : {true, false})
        for (int saves = 0;; ++saves) {
            CAPTURE(tells);
            CAPTURE(saves);
            Batch batch;
            batch.batches = {{"b1", "day"}, {"b2", "night"}, {"b3", "empty"}};
            batch.event = R"({"projectId":"p1","batches":["b1","b3","b2","day"],"categorySchema":[{"schemaId":"s"}]})";
            for (int i = 0; i < 150; ++i) {
                const bool day = i % 3 != 0, night = i % 2 == 0;
                if (day) batch.members["b1"].insert(fmt::format("a{}", i));
                if (night) batch.members["b2"].insert(fmt::format("a{}", i));
                std::string in = day ? "\"b1\"" : "";
                if (night) in += day ? ",\"b2\"" : "\"b2\"";
                batch.add(fmt::format("n{}", i), tells ? "[" + in + "]" : "");
            }
            batch.saves_left = saves;
            const bool whole = std::holds_alternative<Outcome>(batch.attempt());
            batch.saves_left = -1;
            const std::string last = whole ? "" : answer(batch.attempt());
            // 25 assets are in neither batch: those whose number is odd and divisible by three.
            if (!whole) CHECK(last == "\"125 of 125 assets labelled.\"");
            CHECK(batch.imported().size() == 125);
            for (const auto &each : batch.imported()) CHECK_MESSAGE(each.second == 1, each.first);
            if (whole) break;
            REQUIRE(saves < 30);
        }
}

TEST_CASE("a kill at any save labels nothing twice and loses nothing") {
    for (int saves = 0;; ++saves) {
        CAPTURE(saves);
        Batch batch(130);
        batch.saves_left = saves;
        const bool whole = std::holds_alternative<Outcome>(batch.attempt());
        batch.saves_left = -1;
        if (!whole) CHECK(answer(batch.attempt()) == "\"130 of 130 assets labelled.\"");
        CHECK(batch.imported().size() == 130);
        for (const auto &each : batch.imported()) CHECK_MESSAGE(each.second == 1, each.first);
        if (whole) break;
        REQUIRE(saves < 20);
    }
}

TEST_CASE("failures of single assets are counted, and the first reason is told if all fail") {
    Batch batch(3);
    batch.predict = [](ango_job &job, const ango_model_asset &asset) {
        if (OwnModel::view(asset.external_id) == "n1") return fail(job, asset);
        if (OwnModel::view(asset.external_id) == "n0") job.value = R"({"objects":[{"a":1}]})";
        return ANGO_OK;
    };
    CHECK(answer(batch.attempt()) == "\"1 of 3 assets labelled, 1 had nothing to label, 1 failed.\"");
    CHECK(batch.log.back() == "n1: It is too dark.");
    Batch dark(3);
    dark.predict = fail;
    CHECK(answer(dark.attempt()) == "failed: It is too dark.");
    CHECK(dark.asked == "n0 n1 n2 ");
}

TEST_CASE("of many failures twenty are logged") {
    Batch batch(40);
    batch.predict = fail;
    batch.attempt();
    CHECK(batch.log.size() == 22);
    CHECK(batch.log.back() == "further failures of single assets are counted but not logged");
}

TEST_CASE("without a mapped class a failure of the first asset ends the job") {
    Batch batch(3);
    batch.event = R"({"projectId":"p1","categorySchema":[]})";
    batch.predict = fail;
    CHECK(answer(batch.attempt()) == "failed: It is too dark.");
    CHECK(batch.asked == "n0 ");
}

TEST_CASE("a model that stops ends the job, and what was asked about is asked about again") {
    Batch batch(3);
    batch.predict = [](ango_job &, const ango_model_asset &) { return ANGO_CANCELLED; };
    CHECK(answer(batch.attempt()) == "failed: The plugin stopped its work before it was done.");
    CHECK(batch.posts().empty());
    CHECK_FALSE(batch.checkpoint);
}

TEST_CASE("assets that cannot be told apart are left out and counted") {
    Batch batch(2);
    batch.add("n0");
    batch.add("");
    CHECK(answer(batch.attempt()) ==
          "\"2 of 4 assets labelled, 1 failed, 1 have the external ID of another and were left out.\"");
    CHECK(batch.asked == "n0 n1 ");
    CHECK(batch.log.back() == "a3: The asset has neither an external ID nor an address by which Hub could find it.");
}

TEST_CASE("labels that Hub does not take are told") {
    Batch batch(5);
    batch.closed_tasks = 2;
    CHECK(answer(batch.attempt()) == "\"3 of 5 assets labelled, 2 were not taken by Hub.\"");
    CHECK(batch.log.back() == "Hub did not take the labels of 2 of 5 assets. It takes labels only for tasks that are "
                              "still to be done.");
}
