// Kind Export: runs the module's convert between the two halves of the export pipeline.
#pragma once

#include "host/job/job.hpp"
#include "host/job/outcome.hpp"

#include <ango/module.h>

namespace angod::host {

/// Blocks; on the job's thread. The job's scratch folder must exist.
RunResult run_export_kind(Job &job, const ango_export_v1 &table, ango_instance *instance);

} // namespace angod::host
