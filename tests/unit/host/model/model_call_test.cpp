#include "host/model/model_call.hpp"

#include "host/job/recorded_job.hpp"
#include "host/model/own_model.hpp"
#include "host/module/services.hpp"
#include "printing.hpp"

#include <stdexcept>

using namespace angod;
using namespace angod::host;

namespace {

std::variant<ModelAnswer, Failure> predict(RecordedJob &run, const OwnModel &model, bool *stopped = nullptr) {
    ModelCall call(run.job, model.table, nullptr);
    auto answer = call.predict({"a1", "name", "https://x", "t1", R"({"r":1})"});
    if (stopped) *stopped = call.stopped();
    return answer;
}

Failure failure(RecordedJob &run, const OwnModel &model, bool *stopped = nullptr) {
    const auto answer = predict(run, model, stopped);
    REQUIRE(std::holds_alternative<Failure>(answer));
    return std::get<Failure>(answer);
}

} // namespace

TEST_CASE("the model is told of the asset and of the user's classes") {
    RecordedJob run(R"({"categorySchema":[{"schemaId":"s","modelClass":"car"}]})");
    std::string told;
    const OwnModel model([&](ango_job &job, const ango_model_asset &asset) {
        for (const ango_str &text :
             {asset.id, asset.external_id, asset.data, asset.task_id, asset.classes, asset.record})
            told += std::string(OwnModel::view(text)) + "|";
        CHECK(asset.struct_size == sizeof asset);
        CHECK(job.checkpoint_is_hosts);
        job.value = R"({"objects":[{"a":1}]})";
        return ANGO_OK;
    });
    const auto answer = predict(run, model);
    REQUIRE(std::holds_alternative<ModelAnswer>(answer));
    CHECK(std::get<ModelAnswer>(answer).objects == std::vector<std::string>{R"({"a":1})"});
    CHECK(told == R"(a1|name|https://x|t1|[{"schemaId":"s","modelClass":"car"}]|{"r":1}|)");
}

TEST_CASE("a model without a result has found nothing, whatever it said of an earlier asset") {
    RecordedJob run("{}");
    int calls = 0;
    const OwnModel model([&](ango_job &job, const ango_model_asset &asset) {
        CHECK(OwnModel::view(asset.classes) == "null");
        if (++calls == 1) {
            job.value = R"({"objects":[{"a":1}]})";
            return ANGO_OK;
        }
        if (calls == 2) {
            job.failure = {"It is too dark.", "lux 3", -1};
            return ANGO_FAILED;
        }
        return calls == 3 ? ANGO_FAILED : ANGO_OK;
    });
    ModelCall call(run.job, model.table, nullptr);
    CHECK_FALSE(std::get<ModelAnswer>(call.predict({})).empty());
    CHECK(std::get<Failure>(call.predict({})).user_text == "It is too dark.");
    CHECK(std::get<Failure>(call.predict({})).user_text == "The plugin failed without giving a reason.");
    CHECK(std::get<ModelAnswer>(call.predict({})).empty());
}

TEST_CASE("a failure of one asset does not stop the job, and always has a sentence") {
    RecordedJob run("{}");
    bool stopped = true;
    Failure failed = failure(run, OwnModel([](ango_job &, const ango_model_asset &) { return ANGO_FAILED; }), &stopped);
    CHECK(failed.user_text == "The plugin failed without giving a reason.");
    CHECK(failed.operator_text == "the module returned status -1");
    CHECK_FALSE(stopped);
    failed = failure(
        run, OwnModel([](ango_job &, const ango_model_asset &) -> std::int32_t { throw std::runtime_error("boom"); }));
    CHECK(failed.operator_text == "the module's predict threw an exception: boom");
    failed = failure(run, OwnModel::that_says(R"({"objects":5})"), &stopped);
    CHECK(failed.user_text == "The model's answer cannot be used: \"objects\" must be a list, but is a number.");
    CHECK_FALSE(stopped);
}

TEST_CASE("a model that stops by itself ends the job") {
    RecordedJob run("{}");
    bool stopped = false;
    const Failure failed =
        failure(run, OwnModel([](ango_job &, const ango_model_asset &) { return ANGO_CANCELLED; }), &stopped);
    CHECK(failed.user_text == "The plugin stopped its work before it was done.");
    CHECK(failed.operator_text == "the module returned ANGO_CANCELLED");
    CHECK(stopped);
}

TEST_CASE("an answer that comes after the cancel is not used") {
    RecordedJob run("{}");
    bool stopped = false;
    const Failure failed = failure(run, OwnModel([&](ango_job &job, const ango_model_asset &) {
                                       run.job.cancel.cancel();
                                       job.value = "{}";
                                       return ANGO_OK;
                                   }),
                                   &stopped);
    CHECK(failed.user_text == "cancelled");
    CHECK(stopped);
}

TEST_CASE("a callback that the model leaves behind is not called after its call") {
    RecordedJob run("{}");
    int called = 0;
    const auto set = [&](ango_job &job, const ango_model_asset &) {
        job.job.cancel.on_cancel([&] { ++called; });
        return ANGO_OK;
    };
    predict(run, OwnModel(set));
    run.job.cancel.cancel();
    CHECK(called == 0);
}
