// A Model in a workflow: labels a task and passes it to the next stage exactly once.
//
// Only the step of passing on must not be repeated. Before this step the checkpoint gets the stage and the time of the
// last change of the task. A later attempt, and an attempt that lost the answer, read the task again before they do
// anything.
#pragma once

#include "host/job/job.hpp"
#include "host/job/outcome.hpp"
#include "host/model/model_call.hpp"
#include "host/model/model_task.hpp"

#include "rest/hub_api.hpp"
#include "rest/retry.hpp"

#include <optional>
#include <string>

namespace angod::host {

/// One for each job; job thread. Only this object saves the job's checkpoint.
class WorkflowTask {
public:
    /// job and hub must outlive it. overwrite: the labels replace those of the task; otherwise they are added after
    /// them.
    WorkflowTask(Job &job, rest::HubApi &hub, bool overwrite);

    RunResult run(ModelCall &model, const AskedAsset &asset);

private:
    /// The state of the task when an earlier attempt was about to pass it on.
    struct Known {
        std::string stage, updated;
    };
    std::optional<Failure> changed_while_waiting(const ModelTask &task) const;
    RunResult pass_on(const std::string &id, const ModelAnswer &labels, ModelTask task);
    RunResult passed_on_before(const std::string &why) const;

    Job &job_;
    rest::HubApi &hub_;
    const bool overwrite_;
    std::optional<Known> known_;
};

} // namespace angod::host
