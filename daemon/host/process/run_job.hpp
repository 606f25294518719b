// From a request to the last word on it: takes the event apart and runs the code of the plugin's kind.
#pragma once

#include "host/job/job.hpp"
#include "host/module/instances.hpp"
#include "host/module/loader.hpp"
#include "host_protocol/messages.hpp"

namespace angod::host {

/// Runs on the job's thread. job has its event, limits and callbacks; the rest is filled here. The scratch folder
/// is made and removed here.
host_protocol::JobFinished run_job(Job &job, const LoadedModule &module, const Instances::Instance &instance);

} // namespace angod::host
