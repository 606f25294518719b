#include "common/contacts.hpp"

#include <algorithm>
#include <utility>

namespace ango::common {

namespace {

constexpr std::size_t kMostCrossings = 64; // for each point, because they are kept

/// An edge of a ring, its upper end first.
struct Side {
    Point a, b;
    double left = 0, right = 0;
    std::size_t ring = 0, index = 0, count = 0; // of the edges of the ring

    bool is_neighbour_of(const Side &other) const {
        if (ring != other.ring) return false;
        const std::size_t apart = index > other.index ? index - other.index : other.index - index;
        return apart == 1 || apart + 1 == count;
    }
};

std::vector<Side> sides_of(const Rings &rings, std::size_t first, std::size_t end) {
    std::vector<Side> sides;
    sides.reserve(count_points(rings, first, end));
    for (std::size_t r = first; r < end; ++r) {
        const RingView ring = rings[r];
        for (std::size_t i = 0; i < ring.size(); ++i) {
            Point a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
            if (b.y < a.y) std::swap(a, b);
            sides.push_back({a, b, std::min(a.x, b.x), std::max(a.x, b.x), r, i, ring.size()});
        }
    }
    std::sort(sides.begin(), sides.end(), [](const Side &s, const Side &t) { return s.a.y < t.a.y; });
    return sides;
}

/// Positive if p lies on one side of the line through the edge, negative on the other, 0 on the line.
double side_of(const Side &edge, Point p) {
    return (edge.b.x - edge.a.x) * (p.y - edge.a.y) - (edge.b.y - edge.a.y) * (p.x - edge.a.x);
}

/// Neighbours share a corner. They meet elsewhere only if one folds back over the other.
bool folds_back(const Side &s, const Side &t) {
    if (side_of(s, t.a) != 0 || side_of(s, t.b) != 0) return false;
    const bool shares_upper = s.a == t.a, shares_lower = s.b == t.b;
    return shares_upper || shares_lower; // otherwise one goes on where the other ends
}

/// Adds the contact of two edges whose heights overlap, if there is one.
void meet(const Side &s, const Side &t, Contacts &found) {
    if (s.left > t.right || t.left > s.right) return;
    if (s.is_neighbour_of(t)) {
        found.any = found.any || folds_back(s, t);
        return;
    }
    const double a = side_of(s, t.a), b = side_of(s, t.b), c = side_of(t, s.a), d = side_of(t, s.b);
    const auto apart = [](double p, double q) { return (p > 0 && q > 0) || (p < 0 && q < 0); };
    if (apart(a, b) || apart(c, d)) return;
    found.any = true;
    if (a == 0 || b == 0 || c == 0 || d == 0) return; // an end lies on the other edge, or both on one line
    const double y = t.a.y + (t.b.y - t.a.y) * (a / (a - b));
    found.crossed.push_back(std::clamp(y, std::max(s.a.y, t.a.y), std::min(s.b.y, t.b.y)));
}

} // namespace

std::size_t count_points(const Rings &rings, std::size_t first, std::size_t end) {
    std::size_t points = 0;
    for (std::size_t i = first; i < end; ++i) points += rings[i].size();
    return points;
}

std::uint64_t most_steps(std::size_t points) {
    constexpr std::uint64_t kForAPoint = 2048, kForAnObject = 200'000'000, kAlways = 64;
    return std::min(points * kForAPoint, kForAnObject) + points * kAlways;
}

Contacts find_contacts(const Rings &rings, std::size_t first, std::size_t end, bool stop_at_first,
                       const StopCheck &check) {
    Contacts found;
    const std::vector<Side> sides = sides_of(rings, first, end);
    std::uint64_t steps = most_steps(sides.size());
    StepCounter counter(check);
    std::vector<Side> active; // those that reach down to the present edge
    for (const Side &side : sides) {
        std::erase_if(active, [&side](const Side &other) { return other.b.y < side.a.y; });
        if (active.size() > steps || found.crossed.size() > kMostCrossings * sides.size()) {
            found.complete = false;
            found.crossed.clear();
            return found;
        }
        steps -= active.size();
        counter.add(active.size());
        for (const Side &other : active) meet(other, side, found);
        if (found.any && stop_at_first) return found;
        active.push_back(side);
    }
    return found;
}

} // namespace ango::common
