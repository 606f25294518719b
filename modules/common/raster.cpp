// A sweep: edges are sorted by the first line whose centre they cross. For each line, the crossings of its edges are
// sorted ring by ring; each pair of crossings is an interval of the ring. The intervals of a zone's holes are
// subtracted from those of its region, and the zones are united.
#include "common/raster.hpp"

#include <algorithm>
#include <cmath>

namespace ango::common {

namespace {

/// An edge, as the lines whose centre it crosses. The centre of a line is at line + 0.5.
struct Edge {
    std::uint64_t first = 0; // line
    std::uint64_t end = 0;   // the line behind the last
    std::size_t ring = 0;
    double at = 0, along = 0; // a point of the edge: across the lines, along the lines
    double slope = 0;         // along per line

    double crossing(std::uint64_t line) const { return along + (static_cast<double>(line) + 0.5 - at) * slope; }
};

struct Crossing {
    std::size_t ring = 0;
    double along = 0;
};

struct Interval {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};
using Intervals = std::vector<Interval>;

/// The first pixel (or line) whose centre is at or behind the coordinate, from 0 to count.
std::uint64_t first_centre(double coordinate, std::uint64_t count) {
    const double first = std::ceil(coordinate - 0.5);
    if (!(first > 0)) return 0;
    return first < static_cast<double>(count) ? static_cast<std::uint64_t>(first) : count;
}

/// Sorts the list and joins intervals that overlap or touch.
void unite(Intervals &list) {
    std::sort(list.begin(), list.end(), [](const Interval &a, const Interval &b) { return a.begin < b.begin; });
    std::size_t kept = 0;
    for (const Interval &next : list) {
        if (kept > 0 && next.begin <= list[kept - 1].end)
            list[kept - 1].end = std::max(list[kept - 1].end, next.end);
        else
            list[kept++] = next;
    }
    list.resize(kept);
}

/// Appends from minus holes to out. Both must be united.
void subtract(const Intervals &from, const Intervals &holes, Intervals &out) {
    std::size_t h = 0;
    for (Interval rest : from) {
        while (h < holes.size() && holes[h].end <= rest.begin) ++h;
        for (std::size_t i = h; i < holes.size() && holes[i].begin < rest.end; ++i) {
            if (holes[i].begin > rest.begin) out.push_back({rest.begin, holes[i].begin});
            rest.begin = std::max(rest.begin, holes[i].end);
        }
        if (rest.begin < rest.end) out.push_back(rest);
    }
}

class Sweep {
public:
    Sweep(const Rings &rings, Size size, Lines lines)
        : rings_(rings),
          columns_(lines == Lines::columns),
          line_count_(columns_ ? size.width : size.height),
          length_(columns_ ? size.height : size.width) {}

    /// False if there are too many crossings.
    bool collect_edges(std::uint64_t max_crossings) {
        std::uint64_t crossings = 0;
        std::size_t zone = 0;
        for (std::size_t r = 0; r < rings_.size(); ++r) {
            if (!rings_.is_hole(r)) zone = r;
            zone_of_.push_back(zone);
            const RingView ring = rings_[r];
            for (std::size_t i = 0; i < ring.size(); ++i) {
                crossings += add_edge(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1], r);
                if (crossings > max_crossings) return false;
            }
        }
        std::sort(edges_.begin(), edges_.end(), [](const Edge &a, const Edge &b) { return a.first < b.first; });
        return true;
    }

    void run(std::vector<Run> &runs) {
        runs.clear();
        std::size_t next = 0;
        std::uint64_t line = 0;
        while (next < edges_.size() || !active_.empty()) {
            if (active_.empty()) line = edges_[next].first;
            for (; next < edges_.size() && edges_[next].first == line; ++next) active_.push_back(edges_[next]);
            fill_line(line);
            for (const Interval &run : covered_) runs.push_back({line, run.begin, run.end});
            ++line;
            std::erase_if(active_, [line](const Edge &edge) { return edge.end <= line; });
        }
    }

private:
    /// The number of lines that the edge crosses.
    std::uint64_t add_edge(const Point &a, const Point &b, std::size_t ring) {
        const double a_at = columns_ ? a.x : a.y;
        const double b_at = columns_ ? b.x : b.y;
        const double a_along = columns_ ? a.y : a.x;
        const double b_along = columns_ ? b.y : b.x;
        // The interval is half open, so that a corner on the centre of a line counts once for its two edges.
        const std::uint64_t first = first_centre(std::min(a_at, b_at), line_count_);
        const std::uint64_t end = first_centre(std::max(a_at, b_at), line_count_);
        if (first >= end) return 0;
        edges_.push_back({first, end, ring, a_at, a_along, (b_along - a_along) / (b_at - a_at)});
        return end - first;
    }

    void fill_line(std::uint64_t line) {
        crossings_.clear();
        for (const Edge &edge : active_) crossings_.push_back({edge.ring, edge.crossing(line)});
        std::sort(crossings_.begin(), crossings_.end(), [](const Crossing &a, const Crossing &b) {
            return a.ring != b.ring ? a.ring < b.ring : a.along < b.along;
        });
        covered_.clear();
        region_.clear();
        holes_.clear();
        std::size_t zone = 0;
        for (std::size_t i = 0; i + 1 < crossings_.size();
             i += 2) { // closed rings cross a line an even number of times
            const std::size_t ring = crossings_[i].ring;
            if (zone_of_[ring] != zone) finish_zone();
            zone = zone_of_[ring];
            const Interval one{first_centre(crossings_[i].along, length_),
                               first_centre(crossings_[i + 1].along, length_)};
            if (one.begin < one.end) (rings_.is_hole(ring) ? holes_ : region_).push_back(one);
        }
        finish_zone();
        unite(covered_);
    }

    /// Adds the zone that ends here, region minus holes, to the covered pixels of the line.
    void finish_zone() {
        unite(region_);
        unite(holes_);
        subtract(region_, holes_, covered_);
        region_.clear();
        holes_.clear();
    }

    const Rings &rings_;
    bool columns_;
    std::uint64_t line_count_;
    std::uint64_t length_;
    std::vector<std::size_t> zone_of_; // for each ring: the index of its region
    std::vector<Edge> edges_;
    std::vector<Edge> active_;
    std::vector<Crossing> crossings_;
    Intervals covered_, region_, holes_;
};

} // namespace

bool rasterise(const Rings &rings, Size size, Lines lines, std::uint64_t max_crossings, std::vector<Run> &runs) {
    Sweep sweep(rings, size, lines);
    if (!sweep.collect_edges(max_crossings)) return false;
    sweep.run(runs);
    return true;
}

} // namespace ango::common
