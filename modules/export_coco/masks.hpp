// Option masks = fetch: brush traces, and segmentations that were exported without points, from the PNG files that
// the export points at (formats.md 1.4 "masks", 1.5 "brush").
#pragma once

#include "coco_options.hpp"
#include "common/accounting.hpp"
#include "common/conversion.hpp"
#include "common/json.hpp"
#include "common/pixel_map.hpp"

#include <ango/module.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace coco {

/// The classes that can be drawn with a brush, by their colours. Of two classes with one colour the first counts.
class BrushColours {
public:
    struct Class {
        std::string title, schema_id;
        std::uint32_t colour = 0; ///< 0xRRGGBB
    };

    /// schema: an ontology ("tools", or the array itself). Takes the tools called brush; if there are none, all:
    /// how an ontology names a brush is not documented. At most 255.
    void read(const ango::convert::Json &schema);
    const std::vector<Class> &classes() const { return classes_; }
    /// From 1, in the order of classes(); 0: of no class.
    std::uint8_t find(std::uint32_t colour) const;

private:
    void add(const ango::convert::Json &tool);

    std::vector<Class> classes_;
    std::unordered_map<std::uint32_t, std::uint8_t> by_colour_;
};

/// Fetches and decodes. What cannot be read is a note and, the first few times, a warning that names the asset.
class Masks {
public:
    Masks(ango::Job &job, const CocoOptions &options, ango::convert::Accounting &books)
        : job_(job), options_(options), books_(books) {}

    /// The union of the masks (one URL or an array of them), which must have the size of the image if that is known.
    /// Nothing if one of them cannot be had. Valid until the next call, as is the next.
    const ango::convert::PixelMap::Mask *segmentation(const ango::convert::Image &image,
                                                      const ango::convert::Json &urls);

    struct Brush {
        const BrushColours::Class *what = nullptr;
        const ango::convert::PixelMap::Mask *mask = nullptr;
    };
    /// What has been drawn on the image with brushes, a class each. Throws ango::Failure if the colours of the
    /// classes are not to be had.
    std::vector<Brush> brush(const ango::convert::Image &image);

    /// Size of what the last call gave.
    ango::convert::Size size() const { return map_.size(); }

private:
    /// Draws the PNG at url into map_: number_of(rgba, number) is what a pixel becomes that has this number.
    template <class NumberOf>
    bool draw(const ango::convert::Image &image, std::string_view url, bool first, const NumberOf &number_of);
    bool collect(const ango::convert::Image &image, std::uint8_t last);
    bool unreadable(const ango::convert::Image &image, const std::string &why);
    void load_colours();

    ango::Job &job_;
    const CocoOptions &options_;
    ango::convert::Accounting &books_;
    BrushColours colours_;
    bool colours_loaded_ = false;
    ango::convert::PixelMap map_;
    std::vector<ango::convert::PixelMap::Mask> masks_;
    std::uint64_t warned_ = 0;
};

} // namespace coco
