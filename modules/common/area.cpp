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

double area_of_slabs(const Rings &rings, std::size_t first, std::size_t end) {
    Slabs slabs(rings, first, end);
    Slab slab;
    double area = 0;
    while (slabs.next(slab)) {
        double width = 0;
        for (std::size_t i = 0; i + 1 < slab.sides.size(); i += 2)
            width += slab.sides[i + 1]->x_at(slab.middle()) - slab.sides[i]->x_at(slab.middle());
        area += width * (slab.bottom - slab.top);
    }
    return area;
}

bool apart(const Box &a, const Box &b) { return a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0; }

double zone_area(const Rings &rings, std::size_t first, std::size_t end, std::span<const double> ring_areas) {
    if (end == first + 1) return ring_areas[first];
    if (!holes_are_apart(rings, first, end)) return area_of_slabs(rings, first, end);
    double area = ring_areas[first];
    for (std::size_t hole = first + 1; hole < end; ++hole) area -= ring_areas[hole];
    return area;
}

} // namespace

double ring_area(RingView ring) {
    if (ring.size() < 3) return 0;
    if (ring.size() == 3) return std::abs(shoelace(ring));
    if (const auto area = area_around_middle(ring)) return *area;
    Rings one;
    one.start(false);
    for (const Point &p : ring) one.add(p);
    const Contacts contacts = find_contacts(one, 0, 1, true);
    return contacts.complete && !contacts.any ? std::abs(shoelace(ring)) : area_of_slabs(one, 0, 1);
}

double covered_area(const Rings &rings, std::span<const double> ring_areas) {
    std::vector<Box> zones;
    double area = 0;
    for (std::size_t first = 0, end = 0; first < rings.size(); first = end) {
        end = end_of_zone(rings, first);
        const Box box = extents(rings[first]);
        const auto touches = [&box](const Box &other) { return !apart(box, other); };
        if (zones.size() == kMostZonesApart || std::any_of(zones.begin(), zones.end(), touches))
            return area_of_slabs(rings, 0, rings.size());
        zones.push_back(box);
        area += zone_area(rings, first, end, ring_areas);
    }
    return area;
}

bool holes_are_apart(const Rings &rings, std::size_t first, std::size_t end) {
    const RingView region = rings[first];
    const std::uint64_t holes = end - first - 1;
    const std::size_t points = count_points(rings, first, end);
    if (holes > most_steps(points) / points) return false; // each hole is compared with all others
    const Contacts contacts = find_contacts(rings, first, end, true);
    if (contacts.any || !contacts.complete) return false;
    std::vector<Box> boxes;
    for (std::size_t hole = first + 1; hole < end; ++hole) {
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
