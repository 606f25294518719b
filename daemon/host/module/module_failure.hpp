// The failure of a run whose module returned a status other than ANGO_OK.
#pragma once

#include "host/job/job.hpp"

#include <cstdint>

struct ango_job;

namespace angod::host {

/// The module's own reason (ango.failure) if it gave one to the user. A status alone is only for the operator.
Failure module_failure(std::int32_t status, const ango_job &job);

} // namespace angod::host
