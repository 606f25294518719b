#include "shape.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ango::convert {

namespace {

/// Farther out nothing can be drawn; the limit keeps areas and crossings far from overflow.
constexpr double kFarthest = 1e9; // px

/// Points times edges looked at to tell a swapped hole: a note is not worth more, and both counts are untrusted.
constexpr std::size_t kMostSwapTests = 10'000'000;

constexpr double kCornerTolerance = 1.0; // px, 1.5 "rbb_mismatch"

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

/// One ring into rings, cleaned; false if a point is not usable.
bool read_ring(const Json &value, bool hole, Rings &rings) {
    if (!value.IsArray()) return false;
    rings.start(hole);
    for (const Json &one : value.GetArray()) {
        Point point;
        if (!read_point(one, point)) return false;
        rings.add(point);
    }
    rings.clean_last();
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
    if (!m) return Reason::kInvalidGeometry;
    // (x,y) is the corner that was clicked first, any of the four: sizes may be negative.
    shape.box = {std::min(m->x, m->x + m->width), std::min(m->y, m->y + m->height), std::max(m->x, m->x + m->width),
                 std::max(m->y, m->y + m->height)};
    return shape.box.empty() ? std::optional(Reason::kDegenerate) : std::nullopt;
}

double between(double from, double to, double share) { return from + (to - from) * share; }

/// Both boxes are normalised first: a box that was drawn from another corner has not turned over.
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
    if (!read_point(*entry.shape, point)) return Reason::kInvalidGeometry;
    if (!entry.towards) return std::nullopt;
    Point to;
    if (!read_point(*entry.towards, to)) return Reason::kInvalidGeometry;
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
    if (!has_corners && !(m && rotation)) return Reason::kInvalidGeometry;

    if (m && rotation) shape.corners = corners_by_formula(*m, *rotation);
    bool agree = m && rotation;
    if (has_corners) {
        for (std::size_t i = 0; agree && i < 4; ++i)
            agree = std::hypot(shape.corners[i].x - shape.points[i].x, shape.corners[i].y - shape.points[i].y) <=
                    kCornerTolerance;
        if (m && rotation && !agree) books.note(Note::kRbbMismatch);
        std::copy(shape.points.begin(), shape.points.end(), shape.corners.begin());
    }
    for (const Point &corner : shape.corners)
        if (!(std::abs(corner.x) <= 4 * kFarthest && std::abs(corner.y) <= 4 * kFarthest))
            return Reason::kInvalidGeometry;
    shape.rings.start(false);
    for (const Point &corner : shape.corners) shape.rings.add(corner);
    shape.rings.clean_last();
    if (is_degenerate(shape.rings.last())) return Reason::kDegenerate;
    shape.rotated_area = agree ? std::abs(m->width * m->height) : std::abs(shoelace(shape.rings.last()));
    return std::nullopt;
}

bool any_inside(RingView region, RingView points) {
    return std::any_of(points.begin(), points.end(), [&](const Point &p) { return contains(region, p); });
}

/// The published mask helper swaps x and y of holes. Told by: nothing of it in its region, all of it when swapped.
bool looks_swapped(RingView region, RingView hole) {
    const Box around = extents(region);
    const Box hole_box = extents(hole);
    if (intersect(around, {hole_box.y0, hole_box.x0, hole_box.y1, hole_box.x1}) !=
        Box{hole_box.y0, hole_box.x0, hole_box.y1, hole_box.x1})
        return false; // the swapped hole sticks out: cheap, and true of nearly every good hole away from the diagonal
    if (contains(region, hole[0]) || region.size() > kMostSwapTests / hole.size() || any_inside(region, hole))
        return false;
    return std::all_of(hole.begin(), hole.end(), [&](const Point &p) { return contains(region, {p.y, p.x}); });
}

bool read_hole(const Json &value, std::size_t region, Rings &rings, Accounting &books) {
    if (!read_ring(value, true, rings)) return false;
    if (is_degenerate(rings.last())) {
        rings.drop_last();
        books.note(Note::kHoleDegenerate);
    } else if (looks_swapped(rings[region], rings.last())) {
        books.note(Note::kHoleSwapped);
    }
    return true;
}

/// One zone; false if something in it is not usable at all.
bool read_zone(const Json &zone, Rings &rings, Accounting &books) {
    const Json *region = find(&zone, "region");
    if (!region || !read_ring(*region, false, rings)) return false;
    const bool usable = !is_degenerate(rings.last());
    if (!usable) {
        rings.drop_last();
        books.note(Note::kZoneDegenerate);
    }
    const Json *holes = find(&zone, "holes");
    if (!holes || holes->IsNull()) return true;
    if (!holes->IsArray()) return false;
    if (holes->Empty() || !usable) return true;
    const std::size_t index = rings.size() - 1;
    // One page of the documentation shows the holes as a single flat ring.
    const Json &first = (*holes)[0];
    if (first.IsArray() && !first.Empty() && first[0].IsNumber()) return read_hole(*holes, index, rings, books);
    for (const Json &hole : holes->GetArray())
        if (!read_hole(hole, index, rings, books)) return false;
    return true;
}

std::optional<Reason> read_segmentation(const Json &value, Shape &shape, Accounting &books) {
    const Json *zones = find(&value, "zones");
    if (value.IsNull() || (value.IsObject() && (!zones || zones->IsNull())) || (value.IsArray() && value.Empty()))
        return Reason::kSegmentationWithoutPoints;
    if (!zones || !zones->IsArray()) return Reason::kInvalidGeometry;
    if (zones->Empty()) return Reason::kSegmentationWithoutPoints;
    for (const Json &zone : zones->GetArray())
        if (!read_zone(zone, shape.rings, books)) return Reason::kInvalidGeometry;
    return shape.rings.empty() ? std::optional(Reason::kDegenerate) : std::nullopt;
}

std::optional<Reason> read_polygon(const Json &value, Shape &shape) {
    if (!read_ring(value, false, shape.rings)) return Reason::kInvalidGeometry;
    return is_degenerate(shape.rings.last()) ? std::optional(Reason::kDegenerate) : std::nullopt;
}

std::optional<Reason> read_line(const Json &value, Reason otherwise, Shape &shape) {
    if (!read_points(value, shape.points)) return otherwise;
    return shape.points.size() < 2 ? std::optional(Reason::kDegenerate) : std::nullopt;
}

} // namespace

std::optional<Reason> Shape::read(const ToolEntry &entry, Accounting &books) {
    rings.clear();
    points.clear();
    const Json &value = *entry.shape;
    switch (entry.tool) {
        case Tool::kBoundingBox: return entry.towards ? read_box_between(entry, *this) : read_box(value, *this);
        case Tool::kRotatedBox: return read_rotated(value, *this, books);
        case Tool::kPolygon: return read_polygon(value, *this);
        case Tool::kSegmentation: return read_segmentation(value, *this, books);
        case Tool::kPolyline: return read_line(value, Reason::kInvalidGeometry, *this);
        case Tool::kSpline: return read_line(value, Reason::kUnknownShape, *this);
        case Tool::kPoint: return read_one_point(entry, *this);
        case Tool::kNer:
        case Tool::kPdf:
        case Tool::kAngle:
        case Tool::kVoxelBrush:
        case Tool::kUnknown:
        case Tool::kCount: break;
    }
    return Reason::kUnsupportedTool;
}

} // namespace ango::convert
