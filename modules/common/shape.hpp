// The geometry of one tool entry (formats.md 1.5) in one form for all converters: an upright box, or rings, or points.
#pragma once

#include "accounting.hpp"
#include "geometry.hpp"
#include "tool.hpp"

#include <array>
#include <optional>
#include <vector>

namespace ango::convert {

/// Made once and read into again and again: it keeps its memory.
struct Shape {
    Box box;                        // bounding-box: normalised, not clipped
    std::array<Point, 4> corners{}; // rotated box: c0..c3 as in 1.5, counter-clockwise on screen at rotation 0
    double rotated_area = 0;        // rotated box: |w*h|, or the corners' own area where they disagree with w and h
    Rings rings;               // polygon, segmentation: cleaned, none degenerate. Rotated box: one ring, its corners
    std::vector<Point> points; // point (one), polyline, spline

    /// Reads entry.shape. Empty if the shape is good; otherwise why the tool is dropped. Degenerate zones and
    /// holes are left away with a note; the shape is degenerate when no zone is left. An interpolated box or
    /// point is the straight way between its two key frames.
    std::optional<Reason> read(const ToolEntry &entry, Accounting &books);
};

} // namespace ango::convert
