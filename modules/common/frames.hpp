// The frames of a video that show a tool (modules/FORMATS.md 1.6 and 4.9): the frames of the export and, on demand, the
// frames between two key frames of an object.
#pragma once

#include "common/accounting.hpp"
#include "common/tool.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace ango::common {

/// Visits the frames in ascending order. Keeps the key frames and one frame in memory, however long the video is.
class FrameSweep {
public:
    /// keys: sorted by page; outlives this.
    explicit FrameSweep(std::span<const ToolEntry> keys) : keys_(keys) {}

    /// Also fills the frames between two key frames of one object, along a straight line: bounding boxes and points, if
    /// wanted. ends tell where an object is gone: it shows until the frame before, and nothing is filled from there to
    /// its next key frame. Nothing is added before the first and behind the last key frame. A gap of more than
    /// longest_gap frames stays open, with a note, because page numbers are untrusted. Call before next.
    void interpolate(std::span<const ToolEntry> ends, const std::function<bool(Tool)> &wanted,
                     std::uint64_t longest_gap, Accounting &books);

    /// Moves to the next frame that shows a tool; false behind the last.
    bool next();
    std::uint64_t page() const { return page_; }
    /// Valid until next is called again. Interpolated entries come first.
    std::span<const ToolEntry> tools() const { return tools_; }

private:
    /// The frames between two key frames, without these.
    struct Gap {
        std::size_t key = 0; // index in keys_ of the key frame before
        std::uint64_t from = 0, to = 0;
        const Json *towards = nullptr;
    };

    std::span<const ToolEntry> keys_;
    std::vector<Gap> gaps_; // by from
    std::vector<Gap> open_; // those around the current frame
    std::size_t next_key_ = 0, next_gap_ = 0;
    std::uint64_t page_ = 0;
    std::vector<ToolEntry> made_;
    std::span<const ToolEntry> tools_;
};

} // namespace ango::common
