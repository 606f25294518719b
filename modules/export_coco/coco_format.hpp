// The COCO file of one run (modules/FORMATS.md 5). Images go straight into the open zip entry; annotations wait in a
// scratch file.
#pragma once

#include "common/accounting.hpp"
#include "common/buffered.hpp"
#include "common/classes.hpp"
#include "common/conversion.hpp"
#include "common/shape.hpp"
#include "export_coco/annotation_file.hpp"
#include "export_coco/attributes.hpp"
#include "export_coco/coco_options.hpp"
#include "export_coco/keypoints.hpp"
#include "export_coco/masks.hpp"
#include "export_coco/outline.hpp"

#include <ango/module.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ango::export_coco {

class CocoFormat : public common::Format {
public:
    /// Opens the entry of the COCO file. All references must outlive this.
    CocoFormat(Job &job, Writer &zip, const CocoOptions &options, common::Accounting &books, common::Classes &classes);

    void image(const common::Image &image) override;
    bool takes(common::Tool tool) const override {
        return supported(tool) || (tool == common::Tool::point && options_.group_keypoints);
    }
    bool counts_relations() const override { return options_.group_keypoints; }

    /// Writes annotations and categories and closes the entry. Call it once, after the last image.
    void finish(const std::vector<common::Classes::Ordered> &order);

    std::uint64_t image_count() const { return image_count_; }
    std::uint64_t annotation_count() const { return annotations_.count(); }

private:
    void append_image(std::string &out, const common::Image &image);
    void convert_group(const common::Image &image, const KeypointGroup &group);
    void append_group(std::uint32_t class_index, const common::Image &image, const KeypointGroup &group,
                      const std::vector<Keypoint> &points);
    void convert_tool(const common::Image &image, const common::ToolEntry &tool);
    void convert_brush(const common::Image &image);
    /// The mask of a segmentation without points; null if there is none, and then why tells the reason.
    const common::PixelMap::Mask *find_mask(const common::Image &image, const common::ToolEntry &tool,
                                            common::Reason &why);
    void append_mask(std::string &out, const common::PixelMap::Mask &mask);
    bool supported(common::Tool tool) const;
    void append_category(std::string &out, std::uint64_t id, const common::Classes::Ordered &one);

    Job &job_;
    Writer &zip_;
    const CocoOptions &options_;
    common::Accounting &books_;
    common::Classes &classes_;
    common::Buffered<Writer> out_;
    AnnotationFile annotations_;
    Attributes attributes_;
    Outline outline_;
    Masks masks_;
    KeypointTitles keypoint_titles_;
    common::Shape shape_;
    std::vector<bool> settled_; // for each tool of the image: settled as part of a group
    std::uint64_t image_count_ = 0;
};

} // namespace ango::export_coco
