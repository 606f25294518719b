// The options of export-coco: those that all converters share, and its own. README.md has the table for users.
#pragma once

#include "common/converter_options.hpp"

#include <string>

namespace ango::export_coco {

enum class Holes { rle, bridge, drop };

struct CocoOptions {
    common::ConverterOptions common;
    Holes holes = Holes::rle;
    bool box_segmentation = true; ///< a box has its four corners as segmentation
    bool group_keypoints = false; ///< option keypoints = none | group
    bool attributes = true;
    bool fetch_masks = false;                          ///< option masks = none | fetch
    std::string annotations_name = "annotations.json"; ///< entry of the zip
};

/// Throws Failure for a wrong type or value.
CocoOptions read_coco_options(common::Options &options);

} // namespace ango::export_coco
