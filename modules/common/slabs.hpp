// An object cut into horizontal slabs. In a slab no two of its edges cross, so the covered part consists of trapezoids.
#pragma once

#include "common/geometry.hpp"
#include "common/stop_check.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ango::common {

/// An edge of a ring that is not horizontal: a.y < b.y.
struct DownEdge {
    Point a, b;
    std::size_t ring = 0; // counted from the first ring of the object

    double x_at(double y) const { return y == b.y ? b.x : a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x); }
};

/// The object covers a slab between sides[0] and sides[1], sides[2] and sides[3] and so on, from left to right.
struct Slab {
    double top = 0, bottom = 0;
    std::vector<const DownEdge *> sides; // valid as long as the Slabs
    double middle() const { return top + (bottom - top) / 2; }
};

/// The slabs of an object, one after the other from top to bottom. Rings follow the even-odd rule, a zone is its region
/// without its holes, and the object is the union of its zones (modules/FORMATS.md 4.7).
class Slabs {
public:
    /// The object of the zones in rings[first, end). check must outlive this.
    Slabs(const Rings &rings, std::size_t first, std::size_t end, const StopCheck &check);

    /// Whether slabs end at every corner and crossing. Otherwise there were too many of them, the slabs have equal heights,
    /// and only their middle lines are right.
    bool exact() const { return exact_; }
    /// False behind the last slab. Slabs without a covered part are left out.
    bool next(Slab &slab);

private:
    struct Zone {
        bool in_region = false;
        std::size_t in_holes = 0;
        bool covered() const { return in_region && in_holes == 0; }
    };
    struct Active {
        const DownEdge *edge = nullptr;
        double x = 0; // on the middle line of the slab
    };

    void collect_edges(const Rings &rings, std::size_t first, std::size_t end);
    void collect_levels(const Rings &rings, std::size_t first, std::size_t end);
    std::uint64_t steps() const;
    void make_levels_even(std::uint64_t slabs);
    void move_to(double middle);
    void find_sides(Slab &slab);

    const StopCheck &check_;
    StepCounter counter_;
    std::vector<DownEdge> edges_; // by a.y
    std::vector<double> levels_;  // tops and bottoms of the slabs, ascending
    bool exact_ = true;
    std::size_t next_level_ = 0, next_edge_ = 0;
    std::vector<Active> active_; // edges that cross the middle line, from left to right
    // The state of a walk along the middle line, for each ring and each zone.
    std::vector<bool> in_ring_, is_hole_;
    std::vector<std::size_t> zone_of_;
    std::vector<Zone> zones_;
};

} // namespace ango::common
