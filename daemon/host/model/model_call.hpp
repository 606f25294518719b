// Asks the module for the labels of an asset.
#pragma once

#include "host/job/job.hpp"
#include "host/model/model_answer.hpp"
#include "host/module/handles.hpp"

#include <ango/module.h>

#include <string>
#include <variant>
#include <vector>

namespace angod::host {

/// The asset that the module is asked about.
struct AskedAsset {
    std::string id, external_id, data, task_id;
    std::string record = "{}"; ///< JSON object
};

/// One for each job; job thread.
class ModelCall {
public:
    /// All arguments must outlive it.
    ModelCall(Job &job, const ango_model_v1 &table, ango_instance *instance);
    ~ModelCall();
    ModelCall(const ModelCall &) = delete;
    ModelCall &operator=(const ModelCall &) = delete;

    /// Returns the labels, or a failure whose user text is never empty; "cancelled" if the job is being cancelled.
    std::variant<ModelAnswer, Failure> predict(const AskedAsset &asset);
    /// Whether the last failure ends the job. Otherwise it concerns only the asset.
    bool stopped() const { return stopped_; }
    /// Keeps the files that the module uploads, until the next call of predict.
    void keep_uploads() { handle_.keeps_uploads = true; }
    const std::vector<UploadedFile> &uploads() const { return handle_.uploads; }

private:
    Job &job_;
    const ango_model_v1 &table_;
    ango_instance *const instance_;
    ango_job handle_;
    const std::string classes_;
    bool stopped_ = false;
};

} // namespace angod::host
