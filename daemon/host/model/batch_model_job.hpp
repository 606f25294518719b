// Kind Batch Model: labels every asset of a project and imports the labels.
#pragma once

#include "host/job/job.hpp"
#include "host/job/outcome.hpp"

#include <ango/module.h>

namespace angod::host {

/// Blocks; on the job's thread.
RunResult run_batch_model(Job &job, const ango_model_v1 &table, ango_instance *instance);

} // namespace angod::host
