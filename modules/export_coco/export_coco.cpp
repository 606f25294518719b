// Module "export-coco": an export of Ango Hub as one COCO file, with conversion_report.json beside it.
//
// One pass over the assets. Images are written as they come; annotations and the table of names wait in scratch files,
// because the ids of the categories depend on all assets. Memory grows by one hash for each image.
#include "common/conversion.hpp"
#include "common/names.hpp"
#include "common/report.hpp"
#include "common/text.hpp"
#include "export_coco/coco_format.hpp"
#include "export_coco/coco_options.hpp"

#include <ango/module.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ango::export_coco {

using namespace common;

namespace {

/// Tools whose classes become categories.
bool becomes_annotation(std::string_view tool, bool with_masks) {
    return tool == "bounding-box" || tool == "rotated-bounding-box" || tool == "polygon" || tool == "segmentation" ||
           (with_masks && tool == "brush");
}

/// Tells of categories that people would take for one.
void warn_of_like_names(Job &job, const std::vector<Classes::Ordered> &order) {
    constexpr std::size_t kMost = 10;
    NameIndex names;
    std::size_t alike = 0;
    for (const Classes::Ordered &one : order) {
        const auto other = names.find(one.name);
        if (other && other->difference && ++alike <= kMost)
            job.warning("The names of the categories " + quote(names[other->index]) + " and " + quote(one.name) +
                        " differ only " + std::string(said(*other->difference)) +
                        ". If they are one class, give them one name in the ontology of the project.");
        names.add(one.name);
    }
    if (alike > kMost)
        job.warning("The names of " + std::to_string(alike - kMost) + " more categories look like another.");
}

class ExportCoco : public Export {
public:
    /// settings: the defaults of the options. They are checked here, so that a wrong one shows when the plugin starts.
    explicit ExportCoco(std::string_view settings) : settings_(settings) {
        Options options(settings_, "{}");
        read_coco_options(options);
    }

    void convert(Job &job, Reader &assets, Writer &zip) override {
        Options given(settings_, job.config());
        const CocoOptions options = read_coco_options(given);
        for (const std::string &sentence : given.unknown_names()) job.warning(sentence);

        Accounting books;
        Classes classes(options.common.class_key);
        if (!options.common.class_list.empty()) classes.pin(options.common.class_list);
        read_ontology(job, classes, options.fetch_masks);

        CocoFormat format(job, zip, options, books, classes);
        Conversion conversion(job, options.common, books, format);
        conversion.run(assets);

        const std::vector<Classes::Ordered> order = classes.order();
        format.finish(order);
        if (!books.balanced())
            throw Failure("The converter has miscounted the tools. This is a mistake in the plugin.",
                          "export-coco: in != emitted + merged + ended + dropped");
        write_report(zip, "coco", books, classes, order, 1, conversion.names());
        conversion.log_outcome();
        for (const std::string &warning : classes.warnings()) job.warning(warning);
        warn_of_like_names(job, order);
        if (const std::uint64_t ignored = books.noted(Note::brush_ignored))
            job.warning("The brush traces of " + plural(ignored, "task", "tasks") +
                        " were left out: option \"masks\" = \"fetch\" reads those of single images.");
        job.info("Converted " + std::to_string(books.assets_converted()) + " of " + std::to_string(books.assets_in()) +
                 " assets: " + std::to_string(format.image_count()) + " images, " +
                 std::to_string(format.annotation_count()) + " annotations, " + std::to_string(order.size()) +
                 " categories.");
    }

private:
    static void read_ontology(Job &job, Classes &classes, bool with_masks) {
        const auto schema = job.field("categorySchema");
        if (!schema) return;
        JsonParser parser;
        const auto wanted = [with_masks](std::string_view tool) { return becomes_annotation(tool, with_masks); };
        if (const Json *value = parser.parse(*schema)) classes.add_ontology(*value, wanted);
    }

    std::string settings_;
};

} // namespace

} // namespace ango::export_coco

ANGO_MODULE(ango::export_coco::ExportCoco, {.id = "export-coco",
                                            .version = "0.1.0",
                                            .name = "COCO export",
                                            .summary = "Converts an export to COCO instances or keypoints",
                                            .concurrent = true})
