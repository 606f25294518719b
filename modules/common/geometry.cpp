#include "common/geometry.hpp"

#include <algorithm>
#include <limits>

namespace ango::common {

namespace {

/// One side of the box: keeps the points where sign * coordinate <= sign * limit.
struct Side {
    double Point::*axis;
    double limit;
    double sign;

    bool inside(const Point &p) const { return sign * (p.*axis) <= sign * limit; }
    Point cut(const Point &a, const Point &b) const {
        const double t = (limit - a.*axis) / (b.*axis - a.*axis);
        Point p{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        p.*axis = limit; // exactly on the border, whatever t was rounded to
        return p;
    }
};

void clip_side(const std::vector<Point> &in, const Side &side, std::vector<Point> &out) {
    out.clear();
    for (std::size_t i = 0; i < in.size(); ++i) {
        const Point &a = in[i == 0 ? in.size() - 1 : i - 1];
        const Point &b = in[i];
        const bool a_in = side.inside(a);
        const bool b_in = side.inside(b);
        if (a_in != b_in) out.push_back(side.cut(a, b));
        if (b_in) out.push_back(b);
    }
}

} // namespace

void Rings::clean_last() {
    Ring &ring = rings_.back();
    const auto first = points_.begin() + static_cast<std::ptrdiff_t>(ring.begin);
    auto last = std::unique(first, points_.end());
    while (last - first > 1 && *(last - 1) == *first) --last;
    points_.erase(last, points_.end());
    ring.size = points_.size() - ring.begin;
}

bool Rings::has_holes() const {
    return std::any_of(rings_.begin(), rings_.end(), [](const Ring &ring) { return ring.hole; });
}

double shoelace(RingView ring) {
    if (ring.size() < 3) return 0;
    // Relative to the first point, because products of large coordinates lose the digits that matter.
    const Point o = ring[0];
    double twice = 0;
    for (std::size_t i = 1; i + 1 < ring.size(); ++i)
        twice += (ring[i].x - o.x) * (ring[i + 1].y - o.y) - (ring[i + 1].x - o.x) * (ring[i].y - o.y);
    return twice / 2;
}

Box extents(RingView points) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    Box box{kInfinity, kInfinity, -kInfinity, -kInfinity};
    for (const Point &p : points) {
        box.x0 = std::min(box.x0, p.x);
        box.y0 = std::min(box.y0, p.y);
        box.x1 = std::max(box.x1, p.x);
        box.y1 = std::max(box.y1, p.y);
    }
    return box;
}

Box extents(const Rings &rings) {
    Box all = extents(RingView{});
    for (std::size_t i = 0; i < rings.size(); ++i) {
        if (rings.is_hole(i)) continue;
        const Box one = extents(rings[i]);
        all = {std::min(all.x0, one.x0), std::min(all.y0, one.y0), std::max(all.x1, one.x1), std::max(all.y1, one.y1)};
    }
    return all;
}

bool contains(RingView ring, Point point) {
    bool inside = false;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point &a = ring[i == 0 ? ring.size() - 1 : i - 1];
        const Point &b = ring[i];
        if ((a.y > point.y) != (b.y > point.y) && point.x < a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x))
            inside = !inside;
    }
    return inside;
}

Box image_box(Size size) { return {0, 0, static_cast<double>(size.width), static_cast<double>(size.height)}; }

Box intersect(const Box &a, const Box &b) {
    return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}

void clip_ring(RingView ring, const Box &to, std::vector<Point> &out) {
    const Side sides[] = {{&Point::x, to.x0, -1}, {&Point::x, to.x1, 1}, {&Point::y, to.y0, -1}, {&Point::y, to.y1, 1}};
    out.assign(ring.begin(), ring.end());
    std::vector<Point> next;
    next.reserve(out.size() + 8);
    for (const Side &side : sides) {
        clip_side(out, side, next);
        out.swap(next);
    }
}

} // namespace ango::common
