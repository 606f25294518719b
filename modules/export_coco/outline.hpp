// What a COCO annotation says of a shape: its segmentation as it will be written, and area and bbox, which are
// those of the part within the image (formats.md 4.1 "Clipping", 4.2).
#pragma once

#include "coco_options.hpp"
#include "common/accounting.hpp"
#include "common/geometry.hpp"
#include "common/raster.hpp"
#include "common/shape.hpp"

#include <optional>
#include <string>
#include <vector>

namespace coco {

/// Made once and used for one shape after the other.
class Outline {
public:
    Outline(const CocoOptions &options, ango::convert::Accounting &books) : options_(options), books_(books) {}

    /// Works out shape, which was read from a tool of this kind, on an image of this size (unknown: no clipping).
    /// Empty if it can be written; otherwise why the tool is dropped.
    std::optional<ango::convert::Reason> set(ango::convert::Tool tool, const ango::convert::Shape &shape,
                                             ango::convert::Size size);

    double area() const { return area_; }
    const ango::convert::Box &box() const { return box_; }

    /// Appends ,"segmentation":...,"area":...,"bbox":...,"iscrowd":0 of the last shape.
    void append(std::string &out);

private:
    std::optional<ango::convert::Reason> set_box(const ango::convert::Box &box);
    std::optional<ango::convert::Reason> set_rings(const ango::convert::Rings &rings);
    void keep(const ango::convert::Rings &rings, std::size_t first, std::size_t end);
    void clip_zones(const ango::convert::Rings &rings);
    std::optional<ango::convert::Reason> large_enough();
    bool make_run_lengths();
    void append_polygons(std::string &out);
    void append_ring(std::string &out, ango::convert::RingView ring);

    const CocoOptions &options_;
    ango::convert::Accounting &books_;
    ango::convert::Size size_;
    bool clip_ = false; // size known and clipping wanted
    bool is_box_ = false;
    ango::convert::Box box_;
    double area_ = 0;
    ango::convert::Rings written_; // as drawn, without zones that lie outside
    ango::convert::Rings inside_;  // what of them lies in the image
    std::vector<ango::convert::Run> runs_;
    std::vector<ango::convert::Point> bridged_;
};

/// Appends ,"area":...,"bbox":[...],"iscrowd":0.
void append_area_and_box(std::string &out, double area, const ango::convert::Box &box);
/// Appends x0,y0,x1,y0,x1,y1,x0,y1.
void append_box_corners(std::string &out, const ango::convert::Box &box);

} // namespace coco
