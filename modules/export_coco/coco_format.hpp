// The COCO file of one run: images go straight into the open zip entry, annotations wait in a scratch file.
#pragma once

#include "annotation_file.hpp"
#include "attributes.hpp"
#include "coco_options.hpp"
#include "common/accounting.hpp"
#include "common/buffered.hpp"
#include "common/classes.hpp"
#include "common/conversion.hpp"
#include "common/shape.hpp"
#include "keypoints.hpp"
#include "masks.hpp"
#include "outline.hpp"

#include <ango/module.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coco {

class CocoFormat : public ango::convert::Format {
public:
    /// Opens the entry of the annotations. All references must outlive this.
    CocoFormat(ango::Job &job, ango::Writer &zip, const CocoOptions &options, ango::convert::Accounting &books,
               ango::convert::Classes &classes);

    void image(const ango::convert::Image &image) override;
    bool takes(ango::convert::Tool tool) const override {
        return supported(tool) || (tool == ango::convert::Tool::kPoint && options_.group_keypoints);
    }
    bool counts_relations() const override { return options_.group_keypoints; }

    /// Writes annotations and categories and closes the entry. Once, after the last image.
    void finish(const std::vector<ango::convert::Classes::Ordered> &order);

    std::uint64_t image_count() const { return image_count_; }
    std::uint64_t annotation_count() const { return annotations_.count(); }

private:
    void append_image(std::string &out, const ango::convert::Image &image);
    void convert_group(const ango::convert::Image &image, const KeypointGroup &group);
    void append_group(std::uint32_t class_index, const ango::convert::Image &image, const KeypointGroup &group,
                      const std::vector<Keypoint> &points);
    void convert_tool(const ango::convert::Image &image, const ango::convert::ToolEntry &tool);
    void convert_brush(const ango::convert::Image &image);
    /// The mask of a segmentation without points, ready to be written; null if there is none, with its reason.
    const ango::convert::PixelMap::Mask *find_mask(const ango::convert::Image &image,
                                                   const ango::convert::ToolEntry &tool, ango::convert::Reason &why);
    void append_mask(std::string &out, const ango::convert::PixelMap::Mask &mask);
    bool supported(ango::convert::Tool tool) const;
    void append_category(std::string &out, std::uint64_t id, const ango::convert::Classes::Ordered &one);

    ango::Job &job_;
    ango::Writer &zip_;
    const CocoOptions &options_;
    ango::convert::Accounting &books_;
    ango::convert::Classes &classes_;
    ango::convert::Buffered<ango::Writer> out_;
    AnnotationFile annotations_;
    Attributes attributes_;
    Outline outline_;
    Masks masks_;
    KeypointTitles keypoint_titles_;
    ango::convert::Shape shape_;
    std::vector<bool> settled_; // per tool of the image: done as part of a group
    std::uint64_t image_count_ = 0;
};

} // namespace coco
