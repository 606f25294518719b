#include "common/tool_keys.hpp"

namespace ango::common {

// Called for every member of every tool entry. The length decides first, so a key costs at most three comparisons.
ToolMemberName tool_member(std::string_view key) {
    const auto is = [key](std::string_view name) { return key == name; };
    const auto shape = [](Tool tool) { return ToolMemberName{ToolMember::shape, tool}; };
    switch (key.size()) {
        case 2:
            if (is("p1") || is("p2")) return {ToolMember::angle_member};
            break;
        case 3:
            if (is("ner")) return shape(Tool::ner);
            if (is("pdf")) return shape(Tool::pdf);
            if (is("ocr")) return {ToolMember::other_known};
            break;
        case 4:
            if (is("page")) return {ToolMember::page};
            if (is("lock")) return {ToolMember::other_known};
            break;
        case 5:
            if (is("title")) return {ToolMember::title};
            if (is("point")) return shape(Tool::point);
            if (is("masks")) return {ToolMember::masks};
            if (is("angle")) return shape(Tool::angle);
            if (is("frame")) return {ToolMember::frame};
            break;
        case 6:
            if (is("spline")) return shape(Tool::spline);
            if (is("vertex")) return {ToolMember::angle_member};
            break;
        case 7:
            if (is("polygon")) return shape(Tool::polygon);
            break;
        case 8:
            if (is("objectId")) return {ToolMember::object_id};
            if (is("schemaId")) return {ToolMember::schema_id};
            if (is("metadata")) return {ToolMember::other_known};
            if (is("polyline")) return shape(Tool::polyline);
            break;
        case 12:
            if (is("bounding-box")) return shape(Tool::bounding_box);
            if (is("segmentation")) return shape(Tool::segmentation);
            break;
        case 13:
            if (is("medical-brush")) return {ToolMember::medical_brush};
            break;
        case 15:
            if (is("classifications")) return {ToolMember::classifications};
            break;
        case 20:
            if (is("rotated-bounding-box")) return shape(Tool::rotated_box);
            if (is("interpolationStopped")) return {ToolMember::interpolation_stopped};
            break;
        default: break;
    }
    return {};
}

} // namespace ango::common
