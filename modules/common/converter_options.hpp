// The options that all converters share (modules/FORMATS.md 4.11). A converter reads its own options from the same
// Options object.
#pragma once

#include "common/classes.hpp"
#include "common/image_size.hpp"
#include "common/local_images.hpp"
#include "common/options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ango::common {

struct ConverterOptions {
    bool export_reviewed = true;          ///< option export_review_assets, or export_reviewed_assets
    bool export_labelled = true;          ///< option export_labeled_assets
    std::vector<std::string> batch_names; ///< empty: all
    bool verbose = true;
    std::uint64_t verbose_frequency = 1000; ///< progress every so many assets
    ClassKey class_key = ClassKey::title;
    std::vector<std::string> class_list; ///< empty: all that occur
    bool keep_dirs = false;
    bool clip = true;
    double min_area = 0; ///< px²
    bool strict_tools = false;
    bool video_frames = false; ///< option video = skip | frames
    bool interpolate = false;  ///< option interpolate = none | linear: boxes and points between key frames
    bool v2_all_tasks = false; ///< option v2_task = first | all
    bool dataset_same_size = false;
    std::uint64_t max_pixels = 200'000'000;  ///< larger images are never drawn
    std::uint64_t interpolate_gap = 100'000; ///< frames filled between two key frames at most
    ImageSizes image_sizes;
    LocalImages local_images; ///< option image_dir
};

/// Throws ango::Failure for a wrong type or value.
ConverterOptions read_converter_options(Options &options);

} // namespace ango::common
