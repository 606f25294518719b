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
    Rings rings;                    // polygon, segmentation: as drawn. Rotated box: one ring, its corners
    std::vector<Point> points;      // point (one), polyline, spline

    /// Reads entry.shape. Nothing if it can be read; otherwise why the tool is dropped. Whether a box or a ring has an
    /// area shows only when it has been clipped and rounded as the format writes it (FORMATS.md 4.7). An interpolated
    /// box or point lies on the straight line between its two key frames.
    std::optional<Reason> read(const ToolEntry &entry, Accounting &books);
};

} // namespace ango::common
