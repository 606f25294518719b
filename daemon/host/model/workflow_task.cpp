#include "host/model/workflow_task.hpp"

#include "host/hub/hub_access.hpp"

#include "base/clock.hpp"
#include "base/percent.hpp"

#include <fmt/format.h>

namespace angod::host {

namespace {

/// In a younger run the task is still as Hub sent it.
constexpr std::chrono::milliseconds kWaited{60'000};
/// The accepted difference between the clocks of Hub and this machine.
constexpr std::chrono::milliseconds kClocks{120'000};

Failure changed(const ModelTask &task) {
    return {fmt::format("The task was changed{} while this run waited, so the plugin left it as it is, in stage {}. "
                        "Run the plugin on it again.",
                        task.updated.empty() ? "" : " (" + task.updated + ")", task.stage),
            "", -1};
}

/// Whether Hub may have executed the request: its answer is lost or unreadable.
bool in_doubt(Code code) { return code == Code::network || code == Code::timeout || code == Code::protocol; }

} // namespace

WorkflowTask::WorkflowTask(Job &job, rest::HubApi &hub, bool overwrite) : job_(job), hub_(hub), overwrite_(overwrite) {
    if (!job.checkpoint) return;
    if (const auto kept = json::parse(*job.checkpoint))
        known_ = Known{json::text_or(*kept, "stage", ""), json::text_or(*kept, "updatedAt", "")};
}

RunResult WorkflowTask::run(ModelCall &model, const AskedAsset &asset) {
    auto task = read_task(hub_, asset.task_id);
    if (!task) return failure_of(task.error());
    if (known_ && task->stage != known_->stage)
        return passed_on_before(fmt::format("it is in stage {} now", task->stage));
    if (auto failure = changed_while_waiting(*task)) return std::move(*failure);

    auto predicted = model.predict(asset);
    if (auto *failure = std::get_if<Failure>(&predicted)) return std::move(*failure);
    auto &labels = std::get<ModelAnswer>(predicted);
    add_object_ids(labels, job_.id);
    if (known_) {
        if (!labels.empty() && contains(task->answer, labels)) return passed_on_before("it has these labels");
        if (task->updated != known_->updated) return changed(*task);
    }
    return pass_on(asset.task_id, labels, std::move(*task));
}

std::optional<Failure> WorkflowTask::changed_while_waiting(const ModelTask &task) const {
    if (known_ || (job_.attempt == 1 && job_.age < kWaited)) return std::nullopt;
    job_.log(LogLevel::info, fmt::format("this run waited {} s; its task is in stage {}{}", job_.age.count() / 1000,
                                         task.stage, task.updated.empty() ? "" : ", last changed " + task.updated));
    if (job_.age >= kWaited && task.updated_ms && *task.updated_ms > now_ms() - (job_.age - kClocks).count())
        return changed(task);
    return std::nullopt;
}

RunResult WorkflowTask::passed_on_before(const std::string &why) const {
    job_.log(LogLevel::info,
             fmt::format("the task was passed to the next stage before ({}); sending nothing again", why));
    return Outcome{.silent = true};
}

RunResult WorkflowTask::pass_on(const std::string &id, const ModelAnswer &labels, ModelTask task) {
    ModelAnswer all = labels;
    if (!overwrite_) merge_before(all, task.answer);
    rest::Call call{"the labels of the task",
                    "POST",
                    "/v2/annotate/" + percent_encode(id),
                    {{"nextStage", "true"}, {"isPlugin", "true"}}};
    call.body =
        fmt::format(R"({{"answer":{{{}{}}}{},"duration":0}})", lists_text(all), others_text(all), brushes_text(all));
    call.repeat = false;
    const auto saved = job_.save_checkpoint(
        fmt::format(R"({{"stage":{},"updatedAt":{}}})", json::quote(task.stage), json::quote(task.updated)));
    if (!saved) return failure_of(saved.error());

    rest::Retry retry(hub_.options().retry, rest::real_world(job_.cancel), hub_.options().on_retry);
    for (;;) {
        const auto answer = hub_.call(call);
        if (answer) return Outcome{.silent = true};
        Error failed = answer.error();
        if (!in_doubt(failed.code)) return failure_of(failed);
        const auto now = read_task(hub_, id);
        if (!now) return failure_of(now.error());
        if (now->stage != task.stage) return passed_on_before(fmt::format("it is in stage {} now", now->stage));
        if (!labels.empty() && contains(now->answer, labels)) return passed_on_before("it has these labels");
        if (now->updated != task.updated) return changed(*now);
        if (retry.again(failed.text)) continue;
        if (job_.cancel.cancelled()) return failure_of(error(Code::cancelled, "cancelled"));
        failed.text += retry.last_words();
        return failure_of(failed);
    }
}

} // namespace angod::host
