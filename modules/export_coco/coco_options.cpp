#include "export_coco/coco_options.hpp"

#include "common/output_name.hpp"
#include "common/text.hpp"

#include <ango/module.hpp>

#include <algorithm>

namespace ango::export_coco {

using namespace common;

CocoOptions read_coco_options(Options &options) {
    CocoOptions read;
    read.common = read_converter_options(options);
    read.holes = static_cast<Holes>(options.choice("holes", {"rle", "bridge", "drop"}));
    read.box_segmentation = options.flag("box_segmentation", true);
    read.group_keypoints = options.choice("keypoints", {"none", "group"}) == 1;
    read.fetch_masks = options.choice("masks", {"none", "fetch"}) == 1;
    read.attributes = options.flag("attributes", true);
    read.annotations_name = options.text("annotations_name", "annotations.json");
    const bool controls = std::any_of(read.annotations_name.begin(), read.annotations_name.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    const std::string cleaned = clean_name(read.annotations_name, true);
    if (controls || !stays_inside(read.annotations_name) || cleaned != read.annotations_name ||
        ascii_lower(read.annotations_name) == "conversion_report.json")
        throw Failure("Option \"annotations_name\" is " + quote(read.annotations_name) +
                      ", but must be a plain relative file name other than \"conversion_report.json\".");
    return read;
}

} // namespace ango::export_coco
