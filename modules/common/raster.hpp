// Which pixels an object covers (modules/FORMATS.md 4.8): a pixel belongs to a ring if its centre is inside by the
// even-odd rule. An object is the union of its regions, each without its own holes.
//
// The algorithm goes line by line with the list of edges that cross the line. So it needs memory for the edges and for
// one line, never for an image: widths and heights are untrusted numbers.
#pragma once

#include "common/geometry.hpp"

#include <cstdint>
#include <vector>

namespace ango::common {

/// The pixels begin <= k < end of one line: of a column (k goes down) or of a row (k goes right).
struct Run {
    std::uint64_t line = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool operator==(const Run &) const = default;
};

enum class Lines { columns, rows };

/// The covered pixels within the image: lines ascend, and the runs of a line ascend and do not touch. False, with runs
/// unspecified, if the edges cross more than max_crossings lines altogether: such an object would cost time and memory
/// without bound, and the caller writes it in another way.
bool rasterise(const Rings &rings, Size size, Lines lines, std::uint64_t max_crossings, std::vector<Run> &runs);

} // namespace ango::common
