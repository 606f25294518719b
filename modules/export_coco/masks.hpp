// Option masks = fetch: brush traces, and segmentations that were exported without points, from the PNG files that the
// export names (modules/FORMATS.md 1.5, brush and masks).
#pragma once

#include "common/accounting.hpp"
#include "common/conversion.hpp"
#include "common/json.hpp"
#include "common/pixel_map.hpp"
#include "export_coco/coco_options.hpp"

#include <ango/module.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ango::export_coco {

/// The classes that can be drawn with a brush, by their colours. Of two classes with the same colour the first counts.
class BrushColours {
public:
    struct Class {
        std::string title, schema_id;
        std::uint32_t colour = 0; ///< 0xRRGGBB
    };

    /// schema: an ontology (an object with "tools", or the array itself). Takes the brush tools, or if there are none
    /// all tools, because it is not documented how an ontology names a brush. At most 255 classes.
    void read(const common::Json &schema);
    const std::vector<Class> &classes() const { return classes_; }
    /// The number of the class from 1, in the order of classes(); 0: no class has this colour.
    std::uint8_t find(std::uint32_t colour) const;

private:
    void add(const common::Json &tool);

    std::vector<Class> classes_;
    std::unordered_map<std::uint32_t, std::uint8_t> by_colour_;
};

/// Fetches and decodes the files. A file that cannot be read is a note and, the first few times, a warning that names
/// the asset.
class Masks {
public:
    Masks(Job &job, const CocoOptions &options, common::Accounting &books)
        : job_(job), options_(options), books_(books) {}

    /// The union of the masks (a URL or an array of them), which must have the size of the image if that is known. Null
    /// if one of them cannot be read. Results are valid until the next call of either function.
    const common::PixelMap::Mask *segmentation(const common::Image &image, const common::Json &urls);

    struct Brush {
        const BrushColours::Class *what = nullptr;
        const common::PixelMap::Mask *mask = nullptr;
    };
    /// The brush traces on the image, one element for each class. Throws ango::Failure if the colours of the classes
    /// are not known.
    std::vector<Brush> brush(const common::Image &image);

    /// The size of the last result.
    common::Size size() const { return map_.size(); }

private:
    /// Draws the PNG at url into map_. number_of(rgba, number) gives the new number of a pixel with this number.
    template <class NumberOf>
    bool draw(const common::Image &image, std::string_view url, bool first, const NumberOf &number_of);
    bool collect(const common::Image &image, std::uint8_t last);
    bool unreadable(const common::Image &image, const std::string &why);
    void load_colours();

    Job &job_;
    const CocoOptions &options_;
    common::Accounting &books_;
    BrushColours colours_;
    bool colours_loaded_ = false;
    common::PixelMap map_;
    std::vector<common::PixelMap::Mask> masks_;
    std::uint64_t warned_ = 0;
};

} // namespace ango::export_coco
