#include "common/turned_size.hpp"

#include <algorithm>
#include <optional>

namespace ango::common {

namespace {

std::optional<Point> point_of(const Json &value) {
    if (!value.IsArray() || value.Size() < 2 || !value[0].IsNumber() || !value[1].IsNumber()) return std::nullopt;
    return Point{value[0].GetDouble(), value[1].GetDouble()};
}

std::optional<Point> centre_of_box(const Json &value) {
    const auto x = finite_number(find(&value, "x")), y = finite_number(find(&value, "y"));
    const auto width = finite_number(find(&value, "width")), height = finite_number(find(&value, "height"));
    if (!x || !y || !width || !height) return std::nullopt;
    return Point{*x + *width / 2, *y + *height / 2};
}

/// The list of points that an entry begins with; null if it has none.
const Json *points_of(const ToolEntry &entry) {
    const Json *value = entry.shape;
    if (entry.tool == Tool::segmentation) {
        const Json *zones = array_or_null(find(value, "zones"));
        value = zones && !zones->Empty() ? find(&(*zones)[0], "region") : nullptr;
    } else if (entry.tool == Tool::rotated_box) {
        value = find(value, "corners");
    } else if (entry.tool != Tool::polygon && entry.tool != Tool::polyline) {
        return nullptr;
    }
    return value && value->IsArray() && !value->Empty() ? value : nullptr;
}

bool holds(const Box &box, Point p) { return p.x >= box.x0 && p.y >= box.y0 && p.x <= box.x1 && p.y <= box.y1; }

} // namespace

bool may_be_turned(Size size, std::span<const ToolEntry> tools) {
    if (!size.known() || size.width == size.height) return false;
    const Box given = image_box(size), swapped = image_box({size.height, size.width});
    bool outside = false;
    for (const ToolEntry &entry : tools) {
        if (!entry.shape) continue;
        const Json *points = points_of(entry);
        const auto place = entry.tool == Tool::bounding_box ? centre_of_box(*entry.shape)
                           : entry.tool == Tool::point      ? point_of(*entry.shape)
                           : points                         ? point_of((*points)[0])
                                                            : std::nullopt;
        if (!place) continue;
        if (!holds(swapped, *place)) return false;
        if (holds(given, *place)) continue;
        outside = outside || !points || std::none_of(points->Begin(), points->End(), [&](const Json &one) {
                      const auto p = point_of(one);
                      return p && holds(given, *p);
                  });
    }
    return outside;
}

} // namespace ango::common
