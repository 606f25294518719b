// A Model in a workflow: labels a task and passes it to the next stage exactly once.
//
// Only the step of passing on must not be repeated. Before this step the checkpoint gets the stage and the time of the
// last change of the task. A later attempt, and an attempt that lost the answer, read the task again before they do
// anything. Most runs need not read the task at all: the labels of a young run replace those of the task, and objects
// have ids by which a later attempt recognises them. So a stage of thousands of tasks costs one call a task, not two.
#pragma once

#include "host/hub/hub_access.hpp"
#include "host/job/job.hpp"
#include "host/job/outcome.hpp"
#include "host/model/model_call.hpp"
#include "host/model/model_task.hpp"

#include "rest/hub_api.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace angod::host {

/// One for each job; job thread. Only this object saves the job's checkpoint.
class WorkflowTask {
public:
    /// job and access must outlive it. overwrite: the labels replace those of the task, brushes included; otherwise the
    /// labels of the task are kept.
    WorkflowTask(Job &job, HubAccess &access, bool overwrite);

    RunResult run(ModelCall &model, const AskedAsset &asset);

private:
    /// The state of the task when an earlier attempt was about to pass it on.
    struct Known {
        std::string stage, updated;
    };
    bool needs_task() const;
    std::optional<Failure> changed_while_waiting(const ModelTask &task) const;
    bool changed_since_event(const ModelTask &task) const;
    std::optional<RunResult> sent_before(const ModelTask &task, const ModelAnswer &labels) const;
    RunResult pass_on(const ModelCall &model, const std::string &id, ModelAnswer labels,
                      const std::optional<ModelTask> &task);
    RunResult send_once(const rest::Call &call, const std::string &id, const ModelAnswer &labels,
                        const std::optional<Known> &before);
    RunResult passed_on_before(const std::string &why) const;

    Job &job_;
    HubAccess &access_;
    rest::HubApi &hub_;
    const bool overwrite_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    bool changed_since_event_ = false; ///< when the task was read
    bool was_sending_ = false;         ///< an earlier attempt was about to pass the task on ...
    std::optional<Known> known_;       ///< ... and had read it
};

} // namespace angod::host
