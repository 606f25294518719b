// Holes for formats that know only simple rings: the ring is cut open to the hole and runs around it.
#pragma once

#include "common/geometry.hpp"

#include <vector>

namespace ango::common {

/// One ring for the region at rings[region] and the holes that follow it (modules/FORMATS.md 5.3).
/// The cut is walked once each way, and holes run against the region's winding. So the result covers the region minus
/// its holes under the even-odd and under the non-zero rule, and its shoelace area is the net area.
void bridge_holes(const Rings &rings, std::size_t region, std::vector<Point> &out);

} // namespace ango::common
