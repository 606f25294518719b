// The frames of a video that show something (formats.md 1.6): those of the export and, on demand, the ones between
// two key frames of an object.
#pragma once

#include "accounting.hpp"
#include "tool.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace ango::convert {

/// Goes from frame to frame, ascending. Memory for the key frames and for one frame, however long the video.
class FrameSweep {
public:
    /// keys: sorted by page; outlives this.
    explicit FrameSweep(std::span<const ToolEntry> keys) : keys_(keys) {}

    /// Also fill in the frames between two key frames of one object: bounding boxes and points only, as far as
    /// wanted, along a straight line. ends say where an object is gone: it shows until the frame before, and
    /// nothing is filled in from there to its next key frame. Before its first and behind its last key frame an
    /// object shows nowhere. A gap of more than longest_gap frames is left open, with a note: page numbers are
    /// untrusted. Call before next.
    void interpolate(std::span<const ToolEntry> ends, const std::function<bool(Tool)> &wanted,
                     std::uint64_t longest_gap, Accounting &books);

    /// Moves on to the next frame that shows a tool; false behind the last.
    bool next();
    std::uint64_t page() const { return page_; }
    /// Valid until next is called again. Interpolated entries come first.
    std::span<const ToolEntry> tools() const { return tools_; }

private:
    /// The frames between two key frames, both left out.
    struct Gap {
        std::size_t key = 0; // the one before, in keys_
        std::uint64_t from = 0, to = 0;
        const Json *towards = nullptr;
    };

    std::span<const ToolEntry> keys_;
    std::vector<Gap> gaps_; // by from
    std::vector<Gap> open_; // those the frame lies in
    std::size_t next_key_ = 0, next_gap_ = 0;
    std::uint64_t page_ = 0;
    std::vector<ToolEntry> made_;
    std::span<const ToolEntry> tools_;
};

} // namespace ango::convert
