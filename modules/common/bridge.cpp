#include "common/bridge.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ango::common {

namespace {

/// An object with more distances between its region and its holes gets any cut instead of the shortest one. Every cut
/// is correct, a short one only looks better, and both counts come from untrusted input.
constexpr std::uint64_t kMostDistances = 50'000'000;

struct Cut {
    std::size_t region_point = 0;
    std::size_t hole = 0; // index in the rings
    std::size_t hole_point = 0;
};

std::size_t leftmost(RingView ring) {
    const auto at =
        std::min_element(ring.begin(), ring.end(), [](const Point &a, const Point &b) { return a.x < b.x; });
    return static_cast<std::size_t>(at - ring.begin());
}

std::size_t nearest(RingView ring, Point to) {
    const auto distance = [to](const Point &p) { return (p.x - to.x) * (p.x - to.x) + (p.y - to.y) * (p.y - to.y); };
    const auto at = std::min_element(ring.begin(), ring.end(),
                                     [&](const Point &a, const Point &b) { return distance(a) < distance(b); });
    return static_cast<std::size_t>(at - ring.begin());
}

} // namespace

void bridge_holes(const Rings &rings, std::size_t region, std::vector<Point> &out) {
    const RingView outer = rings[region];
    std::size_t end = region + 1;
    while (end < rings.size() && rings.is_hole(end)) ++end;

    const std::uint64_t distances = static_cast<std::uint64_t>(outer.size()) * (end - region - 1);
    std::vector<Cut> cuts;
    for (std::size_t hole = region + 1; hole < end; ++hole) {
        const std::size_t from = leftmost(rings[hole]);
        cuts.push_back({distances <= kMostDistances ? nearest(outer, rings[hole][from]) : 0, hole, from});
    }
    std::stable_sort(cuts.begin(), cuts.end(),
                     [](const Cut &a, const Cut &b) { return a.region_point < b.region_point; });

    const bool clockwise = shoelace(outer) > 0;
    out.clear();
    auto cut = cuts.begin();
    for (std::size_t i = 0; i < outer.size(); ++i) {
        out.push_back(outer[i]);
        for (; cut != cuts.end() && cut->region_point == i; ++cut) {
            const RingView hole = rings[cut->hole];
            const bool backwards = (shoelace(hole) > 0) == clockwise;
            for (std::size_t step = 0; step <= hole.size(); ++step) {
                const std::size_t offset = step % hole.size();
                const std::size_t at = backwards ? cut->hole_point + hole.size() - offset : cut->hole_point + offset;
                out.push_back(hole[at % hole.size()]);
            }
            out.push_back(outer[i]);
        }
    }
}

} // namespace ango::common
