// The accounting of a run (modules/FORMATS.md 4.1): every tool entry of the export ends in exactly one bucket, so that
// in = emitted + merged + ended + dropped holds for every tool type, and nothing is lost without a trace.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ango::common {

/// Why a tool was dropped or an asset was skipped.
enum class Reason : std::uint8_t {
    unsupported_tool,
    unknown_shape,
    unrecognised_video_tool,
    segmentation_without_points,
    invalid_geometry,
    degenerate,
    outside_image,
    no_class,
    filtered_batch,
    filtered_stage,
    no_image_size,
    not_an_image,
    bad_record,
    skipped_task,       ///< v2: the labeller skipped the task
    other_task,         ///< v2: v2_task = first takes another task
    duplicate_keypoint, ///< a second point of one title in a keypoint group
    count,
};
std::string_view name_of(Reason reason);
/// The rest of a sentence about dropped tools: "this format has no place for them".
std::string_view explain(Reason reason);

/// Changes on the way that did not cost the tool.
enum class Note : std::uint8_t {
    clipped,
    hole_dropped,
    zone_split,
    classifications_dropped,
    relations_dropped,
    relation_dangling,
    boxed,
    hole_bridged,
    hole_degenerate,
    hole_swapped,
    zone_degenerate,
    zone_outside,
    rbb_mismatch,
    below_min_area,
    rle_too_large,
    rle_empty,
    image_without_size,
    size_doubtful, // a size in metadata with its sides swapped, as the tools show
    page_ignored,
    name_changed,
    unknown_members,
    review_status_unknown,
    attribute_repeated,
    attribute_unreadable,
    keypoint_duplicate,
    keypoint_group_rejected,
    box_widened, // points on one line have a box with a side of 0
    interpolated,
    interpolated_merged,
    interpolated_dropped,
    interpolation_too_long,
    brush_ignored,     // a task has brush traces, and option masks or the kind of asset leaves them out
    brush_annotations, // annotations made of brush traces; traces are no tools
    brush_unmatched_px,
    masked, // a segmentation without points that a mask replaced
    mask_unreadable,
    count,
};
std::string_view name_of(Note note);

/// A tool type: the shape key of the export. Known keys equal the enumerators of Tool; others are registered as they
/// appear.
using ToolType = std::uint16_t;

class Accounting {
public:
    struct Tool {
        std::uint64_t in = 0, emitted = 0, merged = 0, ended = 0;
        std::array<std::uint64_t, static_cast<std::size_t>(Reason::count)> dropped{};
        std::uint64_t dropped_total() const;
    };

    Accounting();

    /// The type of a shape key. Keys come from the input: after 256 different keys all others are "other".
    ToolType tool_type(std::string_view shape_key);
    std::string_view tool_name(ToolType type) const { return tool_names_[type]; }
    std::size_t tool_type_count() const { return tools_.size(); }
    const Tool &tool(ToolType type) const { return tools_[type]; }

    void came_in(ToolType type) { ++tools_[type].in; }
    void emitted(ToolType type) { ++tools_[type].emitted; }
    void merged(ToolType type) { ++tools_[type].merged; }
    void ended(ToolType type) { ++tools_[type].ended; }
    void dropped(ToolType type, Reason why) { ++tools_[type].dropped[static_cast<std::size_t>(why)]; }

    void asset_in() { ++assets_in_; }
    void asset_converted() { ++assets_converted_; }
    void asset_skipped(Reason why) { ++assets_skipped_[static_cast<std::size_t>(why)]; }
    std::uint64_t assets_in() const { return assets_in_; }
    std::uint64_t assets_converted() const { return assets_converted_; }
    std::uint64_t assets_skipped(Reason why) const { return assets_skipped_[static_cast<std::size_t>(why)]; }

    void note(Note what, std::uint64_t times = 1) { notes_[static_cast<std::size_t>(what)] += times; }
    std::uint64_t noted(Note what) const { return notes_[static_cast<std::size_t>(what)]; }

    /// Over all tool types.
    std::uint64_t total_dropped(Reason why) const;
    /// Whether the equation holds. A converter that breaks it has a bug and must not deliver its result.
    bool balanced() const;

private:
    std::vector<std::string> tool_names_;
    std::vector<Tool> tools_;
    std::uint64_t assets_in_ = 0, assets_converted_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(Reason::count)> assets_skipped_{};
    std::array<std::uint64_t, static_cast<std::size_t>(Note::count)> notes_{};
};

} // namespace ango::common
