// The status a module sees for a failure inside the host.
#pragma once

#include "base/result.hpp"

#include <cstdint>

namespace angod::host {

/// ANGO_CANCELLED, ANGO_LIMIT, ANGO_IO for disk and network, else ANGO_FAILED.
std::int32_t status_of(const Error &why);

} // namespace angod::host
