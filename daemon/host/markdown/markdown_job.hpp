// Kind Markdown Generator: makes an asset from each row of a CSV.
#pragma once

#include "host/job/job.hpp"
#include "host/job/outcome.hpp"

#include <ango/module.h>

namespace angod::host {

/// Blocks; on the job's thread.
RunResult run_markdown(Job &job, const ango_markdown_v1 &table, ango_instance *instance);

} // namespace angod::host
