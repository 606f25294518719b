// The books of a run (formats.md 4.1 "Accounting"): every input tool entry ends in exactly one bucket, so that
// in = emitted + merged + ended + dropped holds for every tool type, and nothing is lost without a trace.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ango::convert {

/// Why a tool was dropped or an asset skipped.
enum class Reason : std::uint8_t {
    kUnsupportedTool,
    kUnknownShape,
    kUnrecognisedVideoTool,
    kSegmentationWithoutPoints,
    kInvalidGeometry,
    kDegenerate,
    kOutsideImage,
    kNoClass,
    kFilteredBatch,
    kFilteredStage,
    kNoImageSize,
    kNotAnImage,
    kBadRecord,
    kSkippedTask,       ///< v2: the labeller skipped the task
    kOtherTask,         ///< v2: not the task that v2_task = first takes
    kDuplicateKeypoint, ///< a second point of one title in a keypoint group
    kCount,
};
std::string_view name_of(Reason reason);
/// The reason as half a sentence for people: "this format has no place for them".
std::string_view explain(Reason reason);

/// Things that changed on the way without costing the tool.
enum class Note : std::uint8_t {
    kClipped,
    kHoleDropped,
    kZoneSplit,
    kClassificationsDropped,
    kRelationsDropped,
    kRelationDangling,
    kBoxed,
    kHoleBridged,
    kHoleDegenerate,
    kHoleSwapped,
    kZoneDegenerate,
    kZoneOutside,
    kRbbMismatch,
    kBelowMinArea,
    kRleTooLarge,
    kRleEmpty,
    kImageWithoutSize,
    kPageIgnored,
    kNameChanged,
    kUnknownMembers,
    kReviewStatusUnknown,
    kAttributeRepeated,
    kAttributeUnreadable,
    kKeypointDuplicate,
    kKeypointGroupRejected,
    kInterpolated,
    kInterpolatedMerged,
    kInterpolatedDropped,
    kInterpolationTooLong,
    kBrushIgnored,     // a task has brush traces that are not wanted or have no place
    kBrushAnnotations, // annotations made of brush traces, which are no tools
    kBrushUnmatchedPx,
    kMasked, // a segmentation without points that a mask has stood in for
    kMaskUnreadable,
    kCount,
};
std::string_view name_of(Note note);

/// A tool type: the shape key of the export. Known ones are constants, others are registered as they appear.
using ToolType = std::uint16_t;

class Accounting {
public:
    struct Tool {
        std::uint64_t in = 0, emitted = 0, merged = 0, ended = 0;
        std::array<std::uint64_t, static_cast<std::size_t>(Reason::kCount)> dropped{};
        std::uint64_t dropped_total() const;
    };

    Accounting();

    /// The type of a shape key. Names come from the input: after 256 different ones all further are "other".
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

    /// Sums over all tool types.
    std::uint64_t total_in() const;
    std::uint64_t total_dropped(Reason why) const;
    /// Whether the identity holds; a converter that breaks it has a bug and must not deliver.
    bool balanced() const;

private:
    std::vector<std::string> tool_names_;
    std::vector<Tool> tools_;
    std::uint64_t assets_in_ = 0, assets_converted_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(Reason::kCount)> assets_skipped_{};
    std::array<std::uint64_t, static_cast<std::size_t>(Note::kCount)> notes_{};
};

} // namespace ango::convert
