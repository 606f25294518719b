// Sizes that may be those of the stored pixels of a photo that is shown turned (modules/FORMATS.md 4.4).
#pragma once

#include "common/geometry.hpp"
#include "common/tool.hpp"

#include <span>

namespace ango::common {

/// Whether the tools fit on an image with the sides of size swapped, but not on one of this size: a box has its centre
/// outside of size, or another shape lies outside of it, and the swapped size has room for all of them. Tools are drawn on
/// the picture as it is shown. One look at each tool.
bool may_be_turned(Size size, std::span<const ToolEntry> tools);

} // namespace ango::common
