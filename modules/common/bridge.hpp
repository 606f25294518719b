// Writing a hole where a format knows only simple rings: the ring is cut open to the hole and runs around it.
#pragma once

#include "geometry.hpp"

#include <vector>

namespace ango::convert {

/// One ring for the region at rings[region] and the holes that follow it (formats.md 4.2 "holes = bridge").
/// The cut is walked twice, once each way, and holes run against the region's winding: so the result covers
/// region minus holes under the even-odd and under the non-zero rule, and its shoelace area is the net area.
void bridge_holes(const Rings &rings, std::size_t region, std::vector<Point> &out);

} // namespace ango::convert
