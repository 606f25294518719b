#include "common/accounting.hpp"

#include "common/tool_keys.hpp"

#include <algorithm>
#include <numeric>

namespace ango::common {

namespace {

constexpr std::size_t kMostToolTypes = 256;

struct ReasonText {
    std::string_view name;
    std::string_view explanation;
};
constexpr ReasonText kReasons[] = {
    {"unsupported_tool", "this format has no place for them"},
    {"unknown_shape", "this converter does not know their shape"},
    {"unrecognised_video_tool", "this converter does not know their layout per frame"},
    {"segmentation_without_points", "the export holds no points for them; export again with Segmentation Points on"},
    {"invalid_geometry", "their coordinates are missing or are no usable numbers"},
    {"degenerate", "they have no area, or less than min_area"},
    {"outside_image", "they lie outside the image"},
    {"no_class", "they have no class, or class_list does not name it"},
    {"filtered_batch", "their asset is in none of the chosen batches"},
    {"filtered_stage", "the review status of their asset is not wanted"},
    {"no_image_size", "the size of their image is not known"},
    {"not_an_image", "their asset is not an image"},
    {"bad_record", "their record cannot be read"},
    {"skipped_task", "their task was skipped by the labeller"},
    {"other_task", "only the first task of an asset is converted; v2_task = all converts every task"},
    {"duplicate_keypoint", "their keypoint group has another point with the same title"},
};
static_assert(std::size(kReasons) == static_cast<std::size_t>(Reason::count));

constexpr std::string_view kNotes[] = {
    "clipped",
    "hole_dropped",
    "zone_split",
    "classifications_dropped",
    "relations_dropped",
    "relation_dangling",
    "boxed",
    "hole_bridged",
    "hole_degenerate",
    "hole_swapped",
    "zone_degenerate",
    "zone_outside",
    "rbb_mismatch",
    "below_min_area",
    "rle_too_large",
    "rle_empty",
    "image_without_size",
    "size_doubtful",
    "page_ignored",
    "name_changed",
    "unknown_members",
    "review_status_unknown",
    "attribute_repeated",
    "attribute_unreadable",
    "keypoint_duplicate",
    "keypoint_group_rejected",
    "box_widened",
    "interpolated",
    "interpolated_merged",
    "interpolated_dropped",
    "interpolation_too_long",
    "brush_ignored",
    "brush_annotations",
    "brush_unmatched_px",
    "masked",
    "mask_unreadable",
};
static_assert(std::size(kNotes) == static_cast<std::size_t>(Note::count));

} // namespace

std::string_view name_of(Reason reason) { return kReasons[static_cast<std::size_t>(reason)].name; }
std::string_view explain(Reason reason) { return kReasons[static_cast<std::size_t>(reason)].explanation; }
std::string_view name_of(Note note) { return kNotes[static_cast<std::size_t>(note)]; }

std::uint64_t Accounting::Tool::dropped_total() const {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

Accounting::Accounting() {
    for (const std::string_view name : kToolNames) tool_names_.emplace_back(name);
    tools_.resize(tool_names_.size());
}

ToolType Accounting::tool_type(std::string_view shape_key) {
    shape_key = shape_key.substr(0, 100); // names come from the input; the report must stay small
    const auto known = std::find(tool_names_.begin(), tool_names_.end(), shape_key);
    if (known != tool_names_.end()) return static_cast<ToolType>(known - tool_names_.begin());
    if (tool_names_.size() == kMostToolTypes) return tool_type("other"); // full: "other" may be the last to fit
    tool_names_.emplace_back(tool_names_.size() + 1 == kMostToolTypes ? std::string_view("other") : shape_key);
    tools_.emplace_back();
    return static_cast<ToolType>(tool_names_.size() - 1);
}

std::uint64_t Accounting::total_dropped(Reason why) const {
    std::uint64_t sum = 0;
    for (const Tool &tool : tools_) sum += tool.dropped[static_cast<std::size_t>(why)];
    return sum;
}

bool Accounting::balanced() const {
    return std::all_of(tools_.begin(), tools_.end(), [](const Tool &tool) {
        return tool.in == tool.emitted + tool.merged + tool.ended + tool.dropped_total();
    });
}

} // namespace ango::common
