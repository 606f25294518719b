// Uncompressed COCO run lengths: counts column by column, down then right, the first run being zeros.
#pragma once

#include "common/raster.hpp"

#include <string>
#include <vector>

namespace coco {

/// Appends {"size":[h,w],"counts":[...]} for the runs of columns that rasterise() gave.
void append_run_lengths(std::string &out, const std::vector<ango::convert::Run> &runs, ango::convert::Size size);

} // namespace coco
