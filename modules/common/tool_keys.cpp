#include "tool_keys.hpp"

namespace ango::convert {

// Called for every member of every tool entry, so the length decides first: at most three comparisons a key.
ToolMemberName tool_member(std::string_view key) {
    const auto is = [key](std::string_view name) { return key == name; };
    const auto shape = [](Tool tool) { return ToolMemberName{ToolMember::kShape, tool}; };
    switch (key.size()) {
        case 2:
            if (is("p1") || is("p2")) return {ToolMember::kAngleMember};
            break;
        case 3:
            if (is("ner")) return shape(Tool::kNer);
            if (is("pdf")) return shape(Tool::kPdf);
            if (is("ocr")) return {ToolMember::kOtherKnown};
            break;
        case 4:
            if (is("page")) return {ToolMember::kPage};
            if (is("lock")) return {ToolMember::kOtherKnown};
            break;
        case 5:
            if (is("title")) return {ToolMember::kTitle};
            if (is("point")) return shape(Tool::kPoint);
            if (is("masks")) return {ToolMember::kMasks};
            if (is("angle")) return shape(Tool::kAngle);
            if (is("frame")) return {ToolMember::kFrame};
            break;
        case 6:
            if (is("spline")) return shape(Tool::kSpline);
            if (is("vertex")) return {ToolMember::kAngleMember};
            break;
        case 7:
            if (is("polygon")) return shape(Tool::kPolygon);
            break;
        case 8:
            if (is("objectId")) return {ToolMember::kObjectId};
            if (is("schemaId")) return {ToolMember::kSchemaId};
            if (is("metadata")) return {ToolMember::kOtherKnown};
            if (is("polyline")) return shape(Tool::kPolyline);
            break;
        case 12:
            if (is("bounding-box")) return shape(Tool::kBoundingBox);
            if (is("segmentation")) return shape(Tool::kSegmentation);
            break;
        case 13:
            if (is("medical-brush")) return {ToolMember::kMedicalBrush};
            break;
        case 15:
            if (is("classifications")) return {ToolMember::kClassifications};
            break;
        case 20:
            if (is("rotated-bounding-box")) return shape(Tool::kRotatedBox);
            if (is("interpolationStopped")) return {ToolMember::kInterpolationStopped};
            break;
        default: break;
    }
    return {};
}

} // namespace ango::convert
