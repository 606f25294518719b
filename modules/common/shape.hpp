// The geometry of one tool entry (modules/FORMATS.md 1.5) in one form for all converters: an upright box, rings or
// points.
#pragma once

#include "common/accounting.hpp"
#include "common/geometry.hpp"
#include "common/tool.hpp"

#include <array>
#include <optional>
#include <vector>

namespace ango::common {

/// One object is used for all entries, because it keeps its memory.
struct Shape {
    Box box;                        // bounding-box: normalised, not clipped
    std::array<Point, 4> corners{}; // rotated box: c0..c3 of FORMATS.md 1.5, counter-clockwise on screen at rotation 0
    double rotated_area = 0;        // rotated box: |w*h|, or the area of the corners if they contradict w and h
    Rings rings;               // polygon, segmentation: cleaned, none degenerate. Rotated box: one ring, its corners
    std::vector<Point> points; // point (one), polyline, spline

    /// Reads entry.shape. Nothing if the shape is good; otherwise why the tool is dropped. Degenerate zones and holes
    /// are left out with a note; the shape is degenerate if no zone is left. An interpolated box or point lies on the
    /// straight line between its two key frames.
    std::optional<Reason> read(const ToolEntry &entry, Accounting &books);
};

} // namespace ango::common
