// The shape of a COCO annotation: its segmentation as it is drawn, and the area and bbox of the part within the image
// (modules/FORMATS.md 4.7, 5.2, 5.3).
#pragma once

#include "common/accounting.hpp"
#include "common/geometry.hpp"
#include "common/raster.hpp"
#include "common/shape.hpp"
#include "export_coco/coco_options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ango::export_coco {

/// One object is used for all shapes, because it keeps its memory.
class Outline {
public:
    Outline(const CocoOptions &options, common::Accounting &books) : options_(options), books_(books) {}

    /// Takes shape, which was read from a tool of this type, on an image of this size (unknown: no clipping). Nothing
    /// if it can be written; otherwise why the tool is dropped.
    std::optional<common::Reason> set(common::Tool tool, const common::Shape &shape, common::Size size);

    double area() const { return area_; }
    const common::Box &box() const { return box_; }

    /// Appends ,"segmentation":...,"area":...,"bbox":...,"iscrowd":0 of the last shape.
    void append(std::string &out);

private:
    std::optional<common::Reason> set_box(const common::Box &box);
    std::optional<common::Reason> set_rings(const common::Rings &rings);
    void keep(const common::Rings &rings, std::size_t first, std::size_t end);
    void clip_zones(const common::Rings &rings);
    std::optional<common::Reason> large_enough();
    bool make_run_lengths();
    void append_polygons(std::string &out);
    void append_ring(std::string &out, common::RingView ring);

    const CocoOptions &options_;
    common::Accounting &books_;
    common::Size size_;
    bool clip_ = false; // the size is known and clipping is wanted
    bool is_box_ = false;
    common::Box box_;
    double area_ = 0;
    common::Rings written_; // as drawn, without zones outside of the image
    common::Rings inside_;  // the parts within the image
    std::vector<common::Run> runs_;
    std::vector<common::Point> bridged_;
};

/// Appends ,"area":...,"bbox":[...],"iscrowd":0.
void append_area_and_box(std::string &out, double area, const common::Box &box);
/// Appends x0,y0,x1,y0,x1,y1,x0,y1.
void append_box_corners(std::string &out, const common::Box &box);

} // namespace ango::export_coco
