// The area of the set of points that an object covers (modules/FORMATS.md 4.7): each ring by the even-odd rule, a zone as
// its region without its holes, the object as the union of its zones.
//
// Rings that do not touch themselves or each other, which are nearly all, are recognised in one pass over their points
// or by a search for contacts, and take the shoelace formula. All others are cut into horizontal slabs, in which no two
// edges cross, and the covered parts of the slabs are added up. The work is bounded for each point: an object with too
// many crossings is measured on at least 64 lines, so that its area is only nearly right.
#pragma once

#include "common/geometry.hpp"

#include <cstddef>
#include <span>

namespace ango::common {

/// The area of one ring.
double ring_area(RingView ring);

/// The area of the object; ring_areas has ring_area of each of its rings.
double covered_area(const Rings &rings, std::span<const double> ring_areas);

/// Whether the holes of the zone rings[first, end) lie inside its region, and none of the rings touches itself or
/// another. Then the holes can be cut out of the region one by one. Also false if the test would take too long.
bool holes_are_apart(const Rings &rings, std::size_t first, std::size_t end);

/// The end of the zone whose region is rings[first]: the next region or the number of rings.
std::size_t end_of_zone(const Rings &rings, std::size_t first);

} // namespace ango::common
