// The area of the set of points that an object covers (modules/FORMATS.md 4.7): each ring by the even-odd rule, a zone as
// its region without its holes, the object as the union of its zones.
//
// Rings that do not touch themselves or each other, which are nearly all, are recognised in one pass over their points
// or by a search for contacts, and take the shoelace formula. All others are cut into horizontal slabs, in which no two
// edges cross, and the covered parts of the slabs are added up. The work is bounded for each point and for each object: an
// object with too many crossings is measured on at least 64 lines, so that its area is only nearly right.
#pragma once

#include "common/geometry.hpp"
#include "common/stop_check.hpp"

#include <cstddef>
#include <span>

namespace ango::common {

/// The area of a set of points, and the smallest box around those that are part of an area: a line that a ring follows to
/// and fro covers nothing. The box is inverted without them. Of an object with too many crossings it is that of the corners.
struct Coverage {
    double area = 0;
    Box box;
};

/// Measures one ring.
Coverage measure_ring(RingView ring, const StopCheck &check = {});

/// Measures the object; measured has the result of measure_ring for each of its rings.
Coverage measure(const Rings &rings, std::span<const Coverage> measured, const StopCheck &check = {});

/// Whether the holes of the zone rings[first, end) lie inside its region, and none of the rings touches itself or
/// another. Then the holes can be cut out of the region one by one. Also false if the test would take too long.
bool holes_are_apart(const Rings &rings, std::size_t first, std::size_t end, const StopCheck &check = {});

/// The end of the zone whose region is rings[first]: the next region or the number of rings.
std::size_t end_of_zone(const Rings &rings, std::size_t first);

} // namespace ango::common
