#include "host/model/model_job.hpp"

#include "host/hub/hub_access.hpp"
#include "host/model/model_call.hpp"
#include "host/model/workflow_task.hpp"

#include <fmt/format.h>

namespace angod::host {

RunResult run_model(Job &job, const ango_model_v1 &table, ango_instance *instance) {
    const bool workflow = job.flag("workflow", false), overwrite = job.flag("overwrite", true);
    AskedAsset asset{job.text_field("assetId"), "", job.text_field("dataURL"), job.text_field("taskId")};
    if (asset.task_id.empty() && (workflow || !overwrite))
        return Failure{"The event from Hub names no task in \"taskId\", so its labels cannot be kept.", "", -1};
    ModelCall model(job, table, instance);
    HubAccess access(job);
    if (workflow) return WorkflowTask(job, access.hub, overwrite).run(model, asset);

    ModelAnswer before;
    if (!overwrite) {
        auto task = read_task(access.hub, asset.task_id);
        if (!task) return failure_of(task.error());
        before = std::move(task->answer);
    }
    auto predicted = model.predict(asset);
    if (auto *failure = std::get_if<Failure>(&predicted)) return std::move(*failure);
    auto &answer = std::get<ModelAnswer>(predicted);
    merge_before(answer, std::move(before));
    return Outcome{"{" + lists_text(answer) + brushes_text(answer) + others_text(answer) + "}"};
}

} // namespace angod::host
