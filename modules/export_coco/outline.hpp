// The shape of a COCO annotation: its segmentation, and the area and bbox of exactly what the segmentation shows
// (modules/FORMATS.md 4.7, 5.2, 5.3).
#pragma once

#include "common/accounting.hpp"
#include "common/area.hpp"
#include "common/geometry.hpp"
#include "common/raster.hpp"
#include "common/shape.hpp"
#include "common/stop_check.hpp"
#include "export_coco/coco_options.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ango::export_coco {

/// One object is used for all shapes, because it keeps its memory.
class Outline {
public:
    /// check ends the measuring of a large shape by throwing.
    Outline(const CocoOptions &options, common::Accounting &books, common::StopCheck check)
        : options_(options), books_(books), check_(std::move(check)) {}

    /// Takes shape, which was read from a tool of this type, on an image of this size (unknown: no clipping). Nothing
    /// if it can be written; otherwise why the tool is dropped.
    std::optional<common::Reason> set(common::Tool tool, const common::Shape &shape, common::Size size);

    /// Appends ,"segmentation":...,"area":...,"bbox":...,"iscrowd":0 of the last shape.
    void append(std::string &out);

private:
    enum class Form { box, polygons, run_lengths };

    std::optional<common::Reason> set_box(const common::Box &box);
    std::optional<common::Reason> set_rings(const common::Rings &rings);
    bool clip_region(common::RingView ring);
    void take_zone(const common::Rings &rings, std::size_t first, std::size_t end, bool clip);
    void take_hole(common::RingView ring, bool clip);
    bool take_ring(common::RingView ring, bool hole);
    bool make_run_lengths();
    void separate_holes();
    std::optional<common::Reason> large_enough();
    void append_polygons(std::string &out);
    void append_ring(std::string &out, common::RingView ring);

    const CocoOptions &options_;
    common::Accounting &books_;
    const common::StopCheck check_;
    common::Size size_;
    bool clip_ = false;      // the size is known and clipping is wanted
    bool has_zones_ = false; // a segmentation
    Form form_ = Form::box;
    common::Box box_;                        // hundredths of px
    double area_ = 0;                        // px²
    common::Rings written_;                  // clipped, and rounded to hundredths of px; every ring has an area
    std::vector<common::Coverage> measured_; // of each ring of written_, in hundredths and square hundredths
    std::vector<common::Run> runs_;
    std::vector<common::Point> clipped_, bridged_;
};

/// Appends ,"area":...,"bbox":[...],"iscrowd":0. area: px², more than 0; box: hundredths of px.
void append_area_and_box(std::string &out, double area, const common::Box &box);

/// The box in hundredths of px, as it is printed.
common::Box in_hundredths(const common::Box &box);
/// The area of a box in hundredths of px, in px².
double area_of_hundredths(const common::Box &box);

} // namespace ango::export_coco
