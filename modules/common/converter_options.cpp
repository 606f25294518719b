#include "common/converter_options.hpp"

namespace ango::common {

ConverterOptions read_converter_options(Options &options) {
    ConverterOptions read;
    // The documentation has two spellings. Both are asked for, so that neither is unknown.
    const bool reviewed = options.flag("export_reviewed_assets", true);
    read.export_reviewed = options.flag("export_review_assets", reviewed);
    read.export_labelled = options.flag("export_labeled_assets", true);
    read.batch_names = options.texts("batch_names");
    read.verbose = options.flag("verbose", true);
    read.verbose_frequency = options.whole("verbose_frequency", 1000, 1, 1'000'000'000);
    read.class_key = options.choice("class_key", {"title", "schemaId"}) == 1 ? ClassKey::schema_id : ClassKey::title;
    read.class_list = options.texts("class_list");
    read.keep_dirs = options.flag("keep_dirs", false);
    read.clip = options.flag("clip", true);
    read.min_area = options.number("min_area", 0, 0, 1e12);
    read.strict_tools = options.flag("strict_tools", false);
    read.video_frames = options.choice("video", {"skip", "frames"}) == 1;
    read.interpolate = options.choice("interpolate", {"none", "linear"}) == 1;
    read.interpolate_gap = options.whole("interpolate_gap", 100'000, 1, 10'000'000);
    read.v2_all_tasks = options.choice("v2_task", {"first", "all"}) == 1;
    read.dataset_same_size = options.flag("dataset_same_size", false);
    read.max_pixels = options.whole("max_pixels", 200'000'000, 1, 1'000'000'000'000);
    read.image_sizes = ImageSizes(options.object("image_sizes"));
    read.local_images = LocalImages("image_dir", options.folder("image_dir"));
    return read;
}

} // namespace ango::common
