#include "common/area.hpp"

#include "common/contacts.hpp"
#include "common/slabs.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ango::common {

namespace {

constexpr std::size_t kMostZonesApart = 64; // zones that are compared with each other

/// The area of a ring that runs once around the middle of its corners, always the same way; nothing for another ring.
/// Such a ring cannot touch itself.
std::optional<double> area_around_middle(RingView ring) {
    Point sum;
    for (const Point &p : ring) sum = {sum.x + p.x, sum.y + p.y};
    const double count = static_cast<double>(ring.size());
    // A whole number, so that the products below are exact for rounded corners.
    const Point middle{std::trunc(sum.x / count), std::trunc(sum.y / count)};
    double twice = 0;
    bool clockwise = true, counter = true;
    unsigned turns = 0; // two for each time around
    Point a{ring.back().x - middle.x, ring.back().y - middle.y};
    for (const Point &p : ring) {
        const Point b{p.x - middle.x, p.y - middle.y};
        const double turn = a.x * b.y - a.y * b.x;
        clockwise = clockwise && turn > 0;
        counter = counter && turn < 0;
        turns += (a.y >= 0) != (b.y >= 0);
        twice += turn;
        a = b;
    }
    if ((!clockwise && !counter) || turns != 2) return std::nullopt;
    return std::abs(twice) / 2;
}

/// Whether the edges are more than one line apart, as far as numbers of their size can tell.
bool differ(double left, double right) {
    constexpr double kPrecision = 1e-12;
    return right - left > kPrecision * std::max(std::abs(left), std::abs(right));
}

Box around(const Box &a, const Box &b) {
    return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

Coverage measure_slabs(const Rings &rings, std::size_t first, std::size_t end, const StopCheck &check) {
    Slabs slabs(rings, first, end, check);
    Slab slab;
    Coverage found{0, extents(RingView{})};
    while (slabs.next(slab)) {
        double width = 0;
        for (std::size_t i = 0; i + 1 < slab.sides.size(); i += 2) {
            const DownEdge &left = *slab.sides[i], &right = *slab.sides[i + 1];
            const double from = left.x_at(slab.middle()), to = right.x_at(slab.middle());
            width += to - from;
            if (!slabs.exact() || !differ(from, to)) continue;
            const Point corners[] = {{left.x_at(slab.top), slab.top},
                                     {left.x_at(slab.bottom), slab.bottom},
                                     {right.x_at(slab.top), slab.top},
                                     {right.x_at(slab.bottom), slab.bottom}};
            found.box = around(found.box, extents(corners));
        }
        found.area += width * (slab.bottom - slab.top);
    }
    if (!slabs.exact())
        for (std::size_t i = first; i < end; ++i)
            if (!rings.is_hole(i)) found.box = around(found.box, extents(rings[i]));
    return found;
}

bool apart(const Box &a, const Box &b) { return a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0; }

Coverage measure_zone(const Rings &rings, std::size_t first, std::size_t end, std::span<const Coverage> measured,
                      const StopCheck &check) {
    Coverage zone = measured[first];
    if (end == first + 1) return zone;
    if (!holes_are_apart(rings, first, end, check)) return measure_slabs(rings, first, end, check);
    for (std::size_t hole = first + 1; hole < end; ++hole) zone.area -= measured[hole].area;
    return zone;
}

} // namespace

Coverage measure_ring(RingView ring, const StopCheck &check) {
    if (ring.size() < 3) return {0, extents(RingView{})};
    if (ring.size() == 3) return {std::abs(shoelace(ring)), extents(ring)};
    if (const auto area = area_around_middle(ring)) return {*area, extents(ring)};
    Rings one;
    one.add_ring(false, ring);
    const Contacts contacts = find_contacts(one, 0, 1, true, check);
    if (contacts.any || !contacts.complete) return measure_slabs(one, 0, 1, check);
    return {std::abs(shoelace(ring)), extents(ring)};
}

Coverage measure(const Rings &rings, std::span<const Coverage> measured, const StopCheck &check) {
    std::vector<Box> zones;
    Coverage all{0, extents(RingView{})};
    for (std::size_t first = 0, end = 0; first < rings.size(); first = end) {
        end = end_of_zone(rings, first);
        const Box &box = measured[first].box;
        const auto touches = [&box](const Box &other) { return !apart(box, other); };
        if (zones.size() == kMostZonesApart || std::any_of(zones.begin(), zones.end(), touches))
            return measure_slabs(rings, 0, rings.size(), check);
        zones.push_back(box);
        const Coverage zone = measure_zone(rings, first, end, measured, check);
        all = {all.area + zone.area, around(all.box, zone.box)};
    }
    return all;
}

bool holes_are_apart(const Rings &rings, std::size_t first, std::size_t end, const StopCheck &check) {
    const RingView region = rings[first];
    const std::uint64_t holes = end - first - 1;
    const std::size_t points = count_points(rings, first, end);
    if (holes > most_steps(points) / points) return false; // each hole is compared with all others
    const Contacts contacts = find_contacts(rings, first, end, true, check);
    if (contacts.any || !contacts.complete) return false;
    StepCounter counter(check);
    std::vector<Box> boxes;
    for (std::size_t hole = first + 1; hole < end; ++hole) {
        counter.add(region.size() + boxes.size());
        if (!contains(region, rings[hole][0])) return false;
        const Box box = extents(rings[hole]);
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            if (apart(box, boxes[i])) continue;
            const RingView other = rings[first + 1 + i];
            if (contains(other, rings[hole][0]) || contains(rings[hole], other[0])) return false;
        }
        boxes.push_back(box);
    }
    return true;
}

std::size_t end_of_zone(const Rings &rings, std::size_t first) {
    std::size_t end = first + 1;
    while (end < rings.size() && rings.is_hole(end)) ++end;
    return end;
}

} // namespace ango::common
