// A run reads the task before it asks the module, unless it is young and replaces all labels. The checkpoint is saved right
// before the labels are sent: with the state of the task if it was read. If it is not clear whether Hub has executed the
// call, the run reads the task and looks for its own labels. If they are not there, the task must be as it was, or the run fails.
// Thread: that of the job.
#include "host/model/workflow_task.hpp"

#include "host/model/keep_existing.hpp"

#include "rest/retry.hpp"

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

WorkflowTask::WorkflowTask(Job &job, HubAccess &access, bool overwrite)
    : job_(job), access_(access), hub_(access.hub), overwrite_(overwrite) {
    if (!job.checkpoint) return;
    was_sending_ = true;
    if (const auto kept = json::parse(*job.checkpoint); kept && json::find(*kept, "stage"))
        known_ = Known{json::text_or(*kept, "stage", ""), json::text_or(*kept, "updatedAt", "")};
}

/// Whether the task must be read before the module is asked.
bool WorkflowTask::needs_task() const { return !overwrite_ || was_sending_ || job_.attempt > 1 || job_.age >= kWaited; }

RunResult WorkflowTask::run(ModelCall &model, const AskedAsset &asset) {
    std::optional<ModelTask> task;
    const auto read = [&]() -> std::optional<Failure> {
        auto answer = read_task(hub_, asset.task_id);
        if (!answer) return failure_of(answer.error());
        task = std::move(*answer);
        changed_since_event_ = changed_since_event(*task);
        return std::nullopt;
    };
    if (needs_task()) {
        if (auto failure = read()) return std::move(*failure);
        if (known_ && task->stage != known_->stage)
            return passed_on_before(fmt::format("it is in stage {} now", task->stage));
        if (auto failure = changed_while_waiting(*task)) return std::move(*failure);
    }
    auto predicted = model.predict(asset);
    if (auto *failure = std::get_if<Failure>(&predicted)) return std::move(*failure);
    auto &labels = std::get<ModelAnswer>(predicted);
    add_object_ids(labels, job_.id);
    if (!task && labels.objects.empty()) // without ids only the state of the task tells whether it was passed on
        if (auto failure = read()) return std::move(*failure);
    if (was_sending_)
        if (auto end = sent_before(*task, labels)) return std::move(*end);
    return pass_on(model, asset.task_id, std::move(labels), task);
}

/// The end of the run if an earlier attempt has passed the task on, or if somebody has changed it since.
std::optional<RunResult> WorkflowTask::sent_before(const ModelTask &task, const ModelAnswer &labels) const {
    if (!labels.empty() && contains(task.answer, labels)) return passed_on_before("it has these labels");
    const bool other = known_ ? task.updated != known_->updated : changed_since_event_;
    return other ? std::optional<RunResult>(changed(task)) : std::nullopt;
}

std::optional<Failure> WorkflowTask::changed_while_waiting(const ModelTask &task) const {
    if (was_sending_ || (job_.attempt == 1 && job_.age < kWaited)) return std::nullopt;
    job_.log(LogLevel::info, fmt::format("this run waited {} s; its task is in stage {}{}", job_.age.count() / 1000,
                                         task.stage, task.updated.empty() ? "" : ", last changed " + task.updated));
    if (job_.age >= kWaited && task.updated_ms && *task.updated_ms > now_ms() - (job_.age - kClocks).count())
        return changed(task);
    return std::nullopt;
}

/// To be called right after the task was read: compares by Hub's own clock, which it tells to the second with each answer.
bool WorkflowTask::changed_since_event(const ModelTask &task) const {
    constexpr std::int64_t kSecond = 1'000;
    const auto waited =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
    const std::int64_t arrived = hub_.server_time().value_or(now_ms()) - (job_.age + waited).count();
    return task.updated_ms && *task.updated_ms > arrived + kSecond;
}

RunResult WorkflowTask::passed_on_before(const std::string &why) const {
    job_.log(LogLevel::info,
             fmt::format("the task was passed to the next stage before ({}); sending nothing again", why));
    return Outcome{.silent = true};
}

RunResult WorkflowTask::pass_on(const ModelCall &model, const std::string &id, ModelAnswer labels,
                                const std::optional<ModelTask> &task) {
    ModelAnswer all = labels;
    if (!overwrite_) {
        BrushMerge brushes(job_, access_, model.uploads());
        if (const auto kept = keep_existing(all, task->answer, brushes); !kept) return failure_of(kept.error());
        // Labels without objects are recognised by their brushes, and Hub will show the merged ones.
        if (!labels.brush.empty()) labels.brush = all.brush;
        if (!labels.medical_brush.empty()) labels.medical_brush = all.medical_brush;
    }
    rest::Call call{"the labels of the task",
                    "POST",
                    "/v2/annotate/" + percent_encode(id),
                    {{"nextStage", "true"}, {"isPlugin", "true"}}};
    call.body = fmt::format(R"({{"answer":{{{}{}}}{},"duration":0}})", lists_text(all), others_text(all),
                            both_brushes_text(all));
    call.repeat = false;
    std::optional<Known> before;
    if (task) before = Known{task->stage, task->updated};
    const auto saved =
        job_.save_checkpoint(before ? fmt::format(R"({{"stage":{},"updatedAt":{}}})", json::quote(before->stage),
                                                  json::quote(before->updated))
                                    : "{}");
    if (!saved) return failure_of(saved.error());
    return send_once(call, id, labels, before);
}

/// Sends the call until Hub has executed it, but never a second time after that. before: nothing if the task was not
/// read.
RunResult WorkflowTask::send_once(const rest::Call &call, const std::string &id, const ModelAnswer &labels,
                                  const std::optional<Known> &before) {
    rest::Retry retry(hub_.options().retry, rest::real_world(job_.cancel), hub_.options().on_retry);
    for (;;) {
        const auto answer = hub_.call(call);
        if (answer) return Outcome{.silent = true};
        Error failed = answer.error();
        if (!in_doubt(failed.code)) return failure_of(failed);
        const auto now = read_task(hub_, id);
        if (!now) return failure_of(now.error());
        if (before && now->stage != before->stage)
            return passed_on_before(fmt::format("it is in stage {} now", now->stage));
        if (!labels.empty() && contains(now->answer, labels)) return passed_on_before("it has these labels");
        if (before ? now->updated != before->updated : changed_since_event(*now)) return changed(*now);
        if (retry.again(failed.text)) continue;
        if (job_.cancel.cancelled()) return failure_of(error(Code::cancelled, "cancelled"));
        failed.text += retry.last_words();
        return failure_of(failed);
    }
}

} // namespace angod::host
