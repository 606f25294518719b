// Uncompressed COCO run lengths: counts column by column, down then right. The first count is of pixels outside.
#pragma once

#include "common/raster.hpp"

#include <string>
#include <vector>

namespace ango::export_coco {

/// Appends {"size":[h,w],"counts":[...]} for the runs of columns that rasterise() gave.
void append_run_lengths(std::string &out, const std::vector<common::Run> &runs, common::Size size);

} // namespace ango::export_coco
