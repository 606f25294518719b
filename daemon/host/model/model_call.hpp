// Asks the module for the labels of an asset.
#pragma once

#include "host/job/job.hpp"
#include "host/model/model_answer.hpp"
#include "host/module/handles.hpp"

#include <ango/module.h>

#include <string>
#include <variant>

namespace angod::host {

/// An asset as the module is told of it.
struct AskedAsset {
    std::string id, external_id, data, task_id;
    std::string record = "{}"; ///< JSON object
};

/// One for each job; job thread.
class ModelCall {
public:
    /// All of them must outlive it.
    ModelCall(Job &job, const ango_model_v1 &table, ango_instance *instance);
    ~ModelCall();
    ModelCall(const ModelCall &) = delete;
    ModelCall &operator=(const ModelCall &) = delete;

    /// The labels, or why there are none: the user text is never empty. "cancelled" if the job is being cancelled.
    std::variant<ModelAnswer, Failure> predict(const AskedAsset &asset);
    /// The last failure was not one of its asset: the job ends.
    bool stopped() const { return stopped_; }

private:
    Job &job_;
    const ango_model_v1 &table_;
    ango_instance *const instance_;
    ango_job handle_;
    const std::string classes_;
    bool stopped_ = false;
};

} // namespace angod::host
