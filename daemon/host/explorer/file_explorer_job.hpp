// Kind File Explorer: lists a folder of a storage page by page, or imports its files.
#pragma once

#include "host/job/job.hpp"
#include "host/job/outcome.hpp"

#include <ango/module.h>

namespace angod::host {

/// Blocks; on the job's thread.
RunResult run_file_explorer(Job &job, const ango_file_explorer_v1 &table, ango_instance *instance);

} // namespace angod::host
