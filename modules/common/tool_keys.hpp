// The members of a tool entry by name (modules/FORMATS.md 1.4, 1.5).
#pragma once

#include <cstdint>
#include <string_view>

namespace ango::common {

/// The tools whose shape key is known, in the order of kToolNames. The value is the tool's ToolType.
enum class Tool : std::uint16_t {
    bounding_box,
    rotated_box,
    polygon,
    polyline,
    point,
    segmentation,
    spline,
    ner,
    pdf,
    angle,
    voxel_brush,
    unknown, ///< an entry without a shape
    count,
};

inline constexpr std::string_view kToolNames[] = {
    "bounding-box", "rotated-bounding-box", "polygon", "polyline", "point", "segmentation", "spline", "ner", "pdf",
    "angle",        "medical-brush",        "unknown",
};
static_assert(sizeof kToolNames / sizeof *kToolNames == static_cast<std::size_t>(Tool::count));

/// The meaning of a member of a tool entry.
enum class ToolMember : std::uint8_t {
    shape, ///< the shape; its tool is given beside
    object_id,
    schema_id,
    title,
    classifications,
    page,
    frame,
    interpolation_stopped,
    medical_brush,
    masks,
    angle_member, ///< vertex, p1, p2: the points of an angle, in the entry itself
    other_known,  ///< metadata, ocr, lock: not used by converters
    unknown,
};

struct ToolMemberName {
    ToolMember member = ToolMember::unknown;
    Tool tool = Tool::unknown;
};

ToolMemberName tool_member(std::string_view key);

} // namespace ango::common
