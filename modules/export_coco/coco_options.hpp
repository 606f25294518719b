// The options of export-coco: those of all converters and its own. README.md has the table for users.
#pragma once

#include "common/converter_options.hpp"

#include <string>

namespace coco {

enum class Holes { kRle, kBridge, kDrop };

struct CocoOptions {
    ango::convert::ConverterOptions common;
    Holes holes = Holes::kRle;
    bool box_segmentation = true; ///< a box also gets its four corners as segmentation
    bool group_keypoints = false; ///< option keypoints = none | group
    bool attributes = true;
    bool fetch_masks = false;                          ///< option masks = none | fetch
    std::string annotations_name = "annotations.json"; ///< entry of the zip
};

/// Throws ango::Failure for a wrong type or value.
CocoOptions read_coco_options(ango::convert::Options &options);

} // namespace coco
