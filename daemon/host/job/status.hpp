// The status that a module sees for a failure inside the host.
#pragma once

#include "base/result.hpp"

#include <cstdint>

namespace angod::host {

/// Returns ANGO_CANCELLED, ANGO_LIMIT, ANGO_IO (disk and network) or ANGO_FAILED (everything else).
std::int32_t status_of(const Error &why);

} // namespace angod::host
