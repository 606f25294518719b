// A Model in a workflow: labels a task and passes it to the next stage, once, whatever happens on the way.
//
// Passing on is the one step that must not be repeated. Before it, stage and time of the last change are kept in the
// checkpoint; a later attempt, and one whose answer was lost, looks at the task again before it does anything.
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

/// One for each job; job thread. It owns the job's checkpoint.
class WorkflowTask {
public:
    /// job and hub must outlive it. overwrite: the labels replace those of the task; else they come behind them.
    WorkflowTask(Job &job, rest::HubApi &hub, bool overwrite);

    RunResult run(ModelCall &model, const AskedAsset &asset);

private:
    /// What an earlier attempt knew when it was about to pass the task on.
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
