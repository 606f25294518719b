#include "host/model/model_job.hpp"

#include "host/hub/hub_access.hpp"
#include "host/model/asset_lookup.hpp"
#include "host/model/keep_existing.hpp"
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
    if (asset.data.empty() && !asset.id.empty()) {
        auto known = look_up_asset(job, access.hub, asset.id);
        if (!known) return failure_of(known.error());
        asset.data = std::move(known->data);
        asset.external_id = std::move(known->external_id);
    }
    if (!overwrite) model.keep_uploads();
    if (workflow) return WorkflowTask(job, access, overwrite).run(model, asset);

    ModelAnswer existing;
    if (!overwrite) {
        auto task = read_task(access.hub, asset.task_id);
        if (!task) return failure_of(task.error());
        existing = std::move(task->answer);
    }
    auto predicted = model.predict(asset);
    if (auto *failure = std::get_if<Failure>(&predicted)) return std::move(*failure);
    auto &answer = std::get<ModelAnswer>(predicted);
    if (!overwrite) {
        BrushMerge brushes(job, access, model.uploads());
        if (const auto kept = keep_existing(answer, existing, brushes); !kept) return failure_of(kept.error());
    }
    return Outcome{"{" + lists_text(answer) + brushes_text(answer) + others_text(answer) + "}"};
}

} // namespace angod::host
