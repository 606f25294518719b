// A zone whose holes cannot be cut out of its region one by one, as polygons without holes: some hole sticks out of the
// region, touches another or lies in it, or the region crosses itself.
#pragma once

#include "common/geometry.hpp"
#include "common/stop_check.hpp"

#include <cstddef>

namespace ango::common {

/// Appends the covered part of the zone rings[first, end) to out, as regions that do not overlap (modules/FORMATS.md 5.3).
/// Their corners are rounded to whole numbers, and regions without an area are left out. False, with out unchanged, if it
/// takes more than 16 corners for each point of the zone, and 1,000 more.
bool cut_into_pieces(const Rings &rings, std::size_t first, std::size_t end, Rings &out, const StopCheck &check = {});

} // namespace ango::common
