// Which pixels an object covers (formats.md 4.6 "Fill rule", used by 4.2 for run lengths): a pixel belongs to a
// ring if its centre is inside, even-odd; an instance is its regions OR-ed, each minus its own holes.
//
// Works line by line with the list of edges that cross the line, so it needs memory for the edges and for one
// line, never for an image: widths and heights are untrusted numbers.
#pragma once

#include "geometry.hpp"

#include <cstdint>
#include <vector>

namespace ango::convert {

/// Pixels begin <= k < end of one line: of one column (k counts down) or of one row (k counts right).
struct Run {
    std::uint64_t line = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool operator==(const Run &) const = default;
};

enum class Lines { kColumns, kRows };

/// The covered pixels within the image, lines ascending, runs ascending within a line, apart from each other.
/// False, with runs unspecified, if the edges cross more than max_crossings lines altogether: such an object
/// costs time and memory without bound, and the caller has another way to write it.
bool rasterise(const Rings &rings, Size size, Lines lines, std::uint64_t max_crossings, std::vector<Run> &runs);

} // namespace ango::convert
