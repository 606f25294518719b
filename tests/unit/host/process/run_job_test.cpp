// A job from its event to its end, with a module of kind Input that is part of the test.
#include "host/process/run_job.hpp"

#include "host/module/handles.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace angod;
using namespace angod::host;

namespace {

struct Answers {
    std::int32_t status = ANGO_OK;
    std::string value = "42";
    bool throws = false;
};
Answers answers;

std::int32_t answer(ango_instance *, ango_job *job) {
    if (answers.throws) throw std::runtime_error("boom");
    if (answers.status == ANGO_OK) job->value = answers.value;
    return answers.status;
}

host_protocol::JobFinished run(const std::string &event, PluginKind kind = PluginKind::input) {
    ango_input_v1 table{};
    table.struct_size = sizeof table;
    table.answer = answer;
    LoadedModule module;
    module.input_table = &table;
    Job job;
    job.id = "j1";
    job.event = event;
    job.log = [](LogLevel, std::string_view) {};
    return run_job(job, module, {nullptr, kind});
}

} // namespace

TEST_CASE("a run that succeeds ends with its value") {
    answers = {};
    const auto end = run(R"({"configJSON":"{\"a\":1}"})");
    CHECK(end.job == "j1");
    CHECK(end.succeeded == 1);
    CHECK(end.value == "42");
}

TEST_CASE("a run that fails says why to user and operator") {
    answers = {.status = ANGO_FAILED};
    auto end = run("{}");
    CHECK(end.succeeded == 0);
    CHECK(end.user_text == "The plugin failed without giving a reason.");
    CHECK(end.retry_after_ms == -1);
    answers = {.throws = true};
    end = run("{}");
    CHECK(end.succeeded == 0);
    CHECK(end.operator_text == "the module's answer threw an exception: boom");
}

TEST_CASE("an event or options that cannot be read end the run before the module is called") {
    answers = {.throws = true};
    CHECK(run("{").user_text.starts_with("The event from Hub cannot be read"));
    CHECK(
        run(R"({"configJSON":"[1]"})").user_text ==
        "The plugin's configuration is not a valid JSON object: it is JSON, but not an object with options. Correct it "
        "and run the plugin again.");
    CHECK(run("{}", PluginKind::export_).user_text ==
          "The event from Hub names no project in \"projectId\", so there is nothing to export.");
}
