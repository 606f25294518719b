// The members of a tool entry by name (formats.md 1.4, 1.5): which one is the shape, which are known otherwise.
#pragma once

#include <cstdint>
#include <string_view>

namespace ango::convert {

/// The tools whose shape key is known, in the order of kToolNames; equal to their ToolType.
enum class Tool : std::uint16_t {
    kBoundingBox,
    kRotatedBox,
    kPolygon,
    kPolyline,
    kPoint,
    kSegmentation,
    kSpline,
    kNer,
    kPdf,
    kAngle,
    kVoxelBrush,
    kUnknown, ///< an entry that shows no shape at all
    kCount,
};

inline constexpr std::string_view kToolNames[] = {
    "bounding-box", "rotated-bounding-box", "polygon", "polyline", "point", "segmentation", "spline", "ner", "pdf",
    "angle",        "medical-brush",        "unknown",
};
static_assert(sizeof kToolNames / sizeof *kToolNames == static_cast<std::size_t>(Tool::kCount));

/// What a member of a tool entry is.
enum class ToolMember : std::uint8_t {
    kShape, ///< the key of a Tool, given beside it
    kObjectId,
    kSchemaId,
    kTitle,
    kClassifications,
    kPage,
    kFrame,
    kInterpolationStopped,
    kMedicalBrush,
    kMasks,
    kAngleMember, ///< vertex, p1, p2: an angle whose points sit at entry level
    kOtherKnown,  ///< metadata, ocr, lock: of no use to a converter
    kUnknown,
};

struct ToolMemberName {
    ToolMember member = ToolMember::kUnknown;
    Tool tool = Tool::kUnknown;
};

ToolMemberName tool_member(std::string_view key);

} // namespace ango::convert
