// Runs one job: reads its event and options, and calls the code of the plugin's kind.
#pragma once

#include "host/job/job.hpp"
#include "host/module/instances.hpp"
#include "host/module/loader.hpp"
#include "host_protocol/messages.hpp"

namespace angod::host {

/// Runs on the job's thread. The caller fills the job's event, limits and callbacks; this function fills the rest, and
/// makes and removes the scratch folder.
host_protocol::JobFinished run_job(Job &job, const LoadedModule &module, const Instances::Instance &instance);

} // namespace angod::host
