// One reader for each type of tool. Every number is untrusted: a wrong type, a missing member or a coordinate beyond
// kFarthest makes the tool invalid_geometry. Nothing is clipped, rounded or measured here: that depends on the format and
// on the size of the image.
#include "common/shape.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ango::common {

namespace {

/// Nothing is drawn farther out. The limit keeps areas and crossings far from an overflow.
constexpr double kFarthest = 1e9; // px

/// Points times edges that are tested to recognise the swapped holes of one tool. It costs only a note if a test is not
/// made, and both counts are untrusted.
constexpr std::size_t kMostSwapTests = 10'000'000;

constexpr double kCornerTolerance = 1.0; // px, FORMATS.md 1.5

std::optional<double> coordinate(const Json *value) {
    const std::optional<double> number = finite_number(value);
    return number && std::abs(*number) <= kFarthest ? number : std::nullopt;
}

bool read_point(const Json &value, Point &out) {
    if (!value.IsArray() || value.Size() < 2) return false;
    const Json &x = value[0];
    const Json &y = value[1];
    if (!x.IsNumber() || !y.IsNumber()) return false;
    out = {x.GetDouble(), y.GetDouble()};
    return std::abs(out.x) <= kFarthest && std::abs(out.y) <= kFarthest; // false for NaN too
}

bool read_points(const Json &value, std::vector<Point> &out) {
    out.clear();
    if (!value.IsArray()) return false;
    for (const Json &one : value.GetArray()) {
        Point point;
        if (!read_point(one, point)) return false;
        out.push_back(point);
    }
    return true;
}

/// Adds one ring to rings; false if a point is not usable.
bool read_ring(const Json &value, bool hole, Rings &rings) {
    if (!value.IsArray()) return false;
    rings.start(hole);
    for (const Json &one : value.GetArray()) {
        Point point;
        if (!read_point(one, point)) return false;
        rings.add(point);
    }
    return true;
}

struct BoxMembers {
    double x = 0, y = 0, width = 0, height = 0;
};

std::optional<BoxMembers> read_box_members(const Json &value) {
    std::optional<double> x, y, width, height;
    if (!value.IsObject()) return std::nullopt;
    for (auto member = value.MemberBegin(); member != value.MemberEnd(); ++member) {
        const std::string_view name = text_of(&member->name);
        if (name == "x")
            x = coordinate(&member->value);
        else if (name == "y")
            y = coordinate(&member->value);
        else if (name == "width")
            width = coordinate(&member->value);
        else if (name == "height")
            height = coordinate(&member->value);
    }
    if (!x || !y || !width || !height) return std::nullopt;
    return BoxMembers{*x, *y, *width, *height};
}

std::optional<Reason> read_box(const Json &value, Shape &shape) {
    const std::optional<BoxMembers> m = read_box_members(value);
    if (!m) return Reason::invalid_geometry;
    // (x,y) is the corner that was clicked first, any of the four, so sizes may be negative.
    shape.box = {std::min(m->x, m->x + m->width), std::min(m->y, m->y + m->height), std::max(m->x, m->x + m->width),
                 std::max(m->y, m->y + m->height)};
    return std::nullopt;
}

double between(double from, double to, double share) { return from + (to - from) * share; }

/// Both boxes are normalised first: a box drawn from another corner has not turned over.
std::optional<Reason> read_box_between(const ToolEntry &entry, Shape &shape) {
    if (const auto why = read_box(*entry.towards, shape)) return why;
    const Box to = shape.box;
    if (const auto why = read_box(*entry.shape, shape)) return why;
    Box &box = shape.box;
    box = {between(box.x0, to.x0, entry.share), between(box.y0, to.y0, entry.share),
           between(box.x1, to.x1, entry.share), between(box.y1, to.y1, entry.share)};
    return std::nullopt;
}

std::optional<Reason> read_one_point(const ToolEntry &entry, Shape &shape) {
    shape.points.resize(1);
    Point &point = shape.points[0];
    if (!read_point(*entry.shape, point)) return Reason::invalid_geometry;
    if (!entry.towards) return std::nullopt;
    Point to;
    if (!read_point(*entry.towards, to)) return Reason::invalid_geometry;
    point = {between(point.x, to.x, entry.share), between(point.y, to.y, entry.share)};
    return std::nullopt;
}

std::array<Point, 4> corners_by_formula(const BoxMembers &m, double degrees) {
    const double angle = degrees * std::numbers::pi / 180;
    const double c = std::cos(angle), s = std::sin(angle);
    const Point c0{m.x, m.y};
    const Point c1{c0.x - m.height * s, c0.y + m.height * c};
    return {c0, c1, {c1.x + m.width * c, c1.y + m.width * s}, {c0.x + m.width * c, c0.y + m.width * s}};
}

std::optional<Reason> read_rotated(const Json &value, Shape &shape, Accounting &books) {
    const std::optional<BoxMembers> m = read_box_members(value);
    const std::optional<double> rotation = finite_number(find(&value, "rotation"));
    const Json *corners = find(&value, "corners");
    const bool has_corners = corners && read_points(*corners, shape.points) && shape.points.size() == 4;
    if (!has_corners && !(m && rotation)) return Reason::invalid_geometry;

    if (m && rotation) shape.corners = corners_by_formula(*m, *rotation);
    if (has_corners) {
        bool agree = true;
        for (std::size_t i = 0; m && rotation && i < 4; ++i)
            agree = agree && std::hypot(shape.corners[i].x - shape.points[i].x,
                                        shape.corners[i].y - shape.points[i].y) <= kCornerTolerance;
        if (!agree) books.note(Note::rbb_mismatch);
        std::copy(shape.points.begin(), shape.points.end(), shape.corners.begin());
    }
    for (const Point &corner : shape.corners)
        if (!(std::abs(corner.x) <= 4 * kFarthest && std::abs(corner.y) <= 4 * kFarthest))
            return Reason::invalid_geometry;
    shape.rings.add_ring(false, shape.corners);
    return std::nullopt;
}

bool any_inside(RingView region, RingView points) {
    return std::any_of(points.begin(), points.end(), [&](const Point &p) { return contains(region, p); });
}

/// A published script swaps x and y of holes. Such a hole has no point in its region, but all of them after swapping.
/// left: the tests that may still be made for the tool.
bool looks_swapped(RingView region, RingView hole, std::size_t &left) {
    if (region.size() < 3 || hole.size() < 3) return false;
    const Box around = extents(region);
    const Box hole_box = extents(hole);
    if (intersect(around, {hole_box.y0, hole_box.x0, hole_box.y1, hole_box.x1}) !=
        Box{hole_box.y0, hole_box.x0, hole_box.y1, hole_box.x1})
        return false; // the swapped hole sticks out: a cheap test that passes nearly every good hole
    if (region.size() > left / hole.size()) return false;
    left -= region.size();
    if (contains(region, hole[0])) return false;
    left -= region.size() * (hole.size() - 1);
    if (any_inside(region, hole)) return false;
    return std::all_of(hole.begin(), hole.end(), [&](const Point &p) { return contains(region, {p.y, p.x}); });
}

bool read_hole(const Json &value, std::size_t region, Rings &rings, Accounting &books, std::size_t &swap_tests) {
    if (!read_ring(value, true, rings)) return false;
    if (looks_swapped(rings[region], rings.last(), swap_tests)) books.note(Note::hole_swapped);
    return true;
}

/// Reads one zone; false if a part of it is not usable.
bool read_zone(const Json &zone, Rings &rings, Accounting &books, std::size_t &swap_tests) {
    const Json *region = find(&zone, "region");
    if (!region || !read_ring(*region, false, rings)) return false;
    const Json *holes = find(&zone, "holes");
    if (!holes || holes->IsNull()) return true;
    if (!holes->IsArray()) return false;
    if (holes->Empty()) return true;
    const std::size_t index = rings.size() - 1;
    // One page of the documentation shows the holes as one flat ring.
    const Json &first = (*holes)[0];
    if (first.IsArray() && !first.Empty() && first[0].IsNumber())
        return read_hole(*holes, index, rings, books, swap_tests);
    for (const Json &hole : holes->GetArray())
        if (!read_hole(hole, index, rings, books, swap_tests)) return false;
    return true;
}

std::optional<Reason> read_segmentation(const Json &value, Shape &shape, Accounting &books) {
    const Json *zones = find(&value, "zones");
    if (value.IsNull() || (value.IsObject() && (!zones || zones->IsNull())) || (value.IsArray() && value.Empty()))
        return Reason::segmentation_without_points;
    if (!zones || !zones->IsArray()) return Reason::invalid_geometry;
    if (zones->Empty()) return Reason::segmentation_without_points;
    std::size_t swap_tests = kMostSwapTests;
    for (const Json &zone : zones->GetArray())
        if (!read_zone(zone, shape.rings, books, swap_tests)) return Reason::invalid_geometry;
    return std::nullopt;
}

std::optional<Reason> read_polygon(const Json &value, Shape &shape) {
    return read_ring(value, false, shape.rings) ? std::nullopt : std::optional(Reason::invalid_geometry);
}

std::optional<Reason> read_line(const Json &value, Reason otherwise, Shape &shape) {
    if (!read_points(value, shape.points)) return otherwise;
    return shape.points.size() < 2 ? std::optional(Reason::degenerate) : std::nullopt;
}

} // namespace

std::optional<Reason> Shape::read(const ToolEntry &entry, Accounting &books) {
    rings.clear();
    points.clear();
    const Json &value = *entry.shape;
    switch (entry.tool) {
        case Tool::bounding_box: return entry.towards ? read_box_between(entry, *this) : read_box(value, *this);
        case Tool::rotated_box: return read_rotated(value, *this, books);
        case Tool::polygon: return read_polygon(value, *this);
        case Tool::segmentation: return read_segmentation(value, *this, books);
        case Tool::polyline: return read_line(value, Reason::invalid_geometry, *this);
        case Tool::spline: return read_line(value, Reason::unknown_shape, *this);
        case Tool::point: return read_one_point(entry, *this);
        case Tool::ner:
        case Tool::pdf:
        case Tool::angle:
        case Tool::voxel_brush:
        case Tool::unknown:
        case Tool::count: break;
    }
    return Reason::unsupported_tool;
}

} // namespace ango::common
