// Plane geometry (modules/FORMATS.md 1.5 and 4.7): pixels, origin top left, y down, pixel (i,j) covers [i,i+1) x
// [j,j+1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ango::common {

struct Point {
    double x = 0;
    double y = 0;
    bool operator==(const Point &) const = default;
};

/// Left, top, right, bottom; normalised when x0 <= x1 and y0 <= y1.
struct Box {
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    double width() const { return x1 - x0; }
    double height() const { return y1 - y0; }
    double area() const { return width() * height(); }
    bool empty() const { return !(x1 > x0 && y1 > y0); }
    bool operator==(const Box &) const = default;
};

/// Size of an image in pixels; both 0 when it is not known.
struct Size {
    std::uint64_t width = 0;
    std::uint64_t height = 0;
    bool known() const { return width > 0 && height > 0; }
    bool operator==(const Size &) const = default;
};

using RingView = std::span<const Point>;

/// The rings of one object. All points lie in one block, so that an object costs no allocation once the block has
/// grown. A region is followed by its holes; several regions are the zones of one object.
class Rings {
public:
    struct Ring {
        std::size_t begin = 0;
        std::size_t size = 0;
        bool hole = false;
    };

    void clear() {
        points_.clear();
        rings_.clear();
    }
    /// Starts a ring, to which the following points belong. The first ring must be a region.
    void start(bool hole) { rings_.push_back({points_.size(), 0, hole}); }
    void add(Point point) {
        points_.push_back(point);
        ++rings_.back().size;
    }
    /// Removes the last ring.
    void drop_last() {
        points_.resize(rings_.back().begin);
        rings_.pop_back();
    }
    /// Removes from the last ring a repeated last point and points equal to the one before (FORMATS.md 4.7).
    void clean_last();
    /// Appends a ring.
    void add_ring(bool hole, RingView points) {
        start(hole);
        points_.insert(points_.end(), points.begin(), points.end());
        rings_.back().size = points.size();
    }

    std::size_t size() const { return rings_.size(); }
    bool empty() const { return rings_.empty(); }
    bool is_hole(std::size_t i) const { return rings_[i].hole; }
    bool has_holes() const;
    RingView operator[](std::size_t i) const { return {points_.data() + rings_[i].begin, rings_[i].size}; }
    RingView last() const { return (*this)[rings_.size() - 1]; }

private:
    std::vector<Point> points_;
    std::vector<Ring> rings_;
};

/// Signed area by the shoelace formula; its sign is the winding.
double shoelace(RingView ring);

/// Smallest box around the points; an inverted box without points.
Box extents(RingView points);
/// Smallest box around all regions.
Box extents(const Rings &rings);

/// By the even-odd rule. For a point on the border either answer is possible.
bool contains(RingView ring, Point point);

Box image_box(Size size);
Box intersect(const Box &a, const Box &b);

/// Clips the ring at the box (Sutherland-Hodgman). out has the corners of the result, and none if nothing is left. A
/// concave ring may come back with edges along the border. Points inside keep their side of the ring by the even-odd rule,
/// also if it crosses itself.
void clip_ring(RingView ring, const Box &to, std::vector<Point> &out);

} // namespace ango::common
