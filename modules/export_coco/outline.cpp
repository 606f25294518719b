// A shape is clipped, rounded as it will be printed, cleaned, and only then measured. So box, area and segmentation of an
// annotation agree, and none of its boxes has a side of 0. Rounded coordinates are whole hundredths of a pixel.
//
// Holes are written as run lengths if the size of the image is known. Then the pixels are measured. Otherwise rings are
// cut open to their holes, or, where holes are not apart, the zone is cut into pieces without holes.
#include "export_coco/outline.hpp"

#include "common/bridge.hpp"
#include "common/numbers.hpp"
#include "common/pieces.hpp"
#include "export_coco/run_lengths.hpp"

#include <algorithm>
#include <cmath>

namespace ango::export_coco {

using namespace common;

namespace {

/// Limits time and text of the run lengths of one annotation (40 MB at most). Drawn shapes stay far below.
constexpr std::uint64_t kMostCrossings = 5'000'000;

constexpr double kNoArea = 1e-9;        // px², modules/FORMATS.md 4.7
constexpr double kPerPixel = 100 * 100; // square hundredths
constexpr double kPrintsAsZero = 0.005; // px²: with two decimals

bool within(const Box &inner, const Box &outer) {
    return inner.x0 >= outer.x0 && inner.y0 >= outer.y0 && inner.x1 <= outer.x1 && inner.y1 <= outer.y1;
}

/// Whether the boxes share no more than a border.
bool outside(const Box &a, const Box &b) { return a.x1 <= b.x0 || a.x0 >= b.x1 || a.y1 <= b.y0 || a.y0 >= b.y1; }

Box extents_of_runs(const std::vector<Run> &runs) {
    Box box = extents(RingView{});
    for (const Run &run : runs)
        box = {std::min(box.x0, static_cast<double>(run.line)), std::min(box.y0, static_cast<double>(run.begin)),
               std::max(box.x1, static_cast<double>(run.line + 1)), std::max(box.y1, static_cast<double>(run.end))};
    return box;
}

/// The smallest box of whole hundredths around the box, which has an area; so no side is 0. Crossings of edges are not whole,
/// and are computed with an error far below a hundredth.
Box in_whole_hundredths(const Box &box) {
    constexpr double kError = 1e-6;
    Box whole{std::floor(box.x0 + kError), std::floor(box.y0 + kError), std::ceil(box.x1 - kError),
              std::ceil(box.y1 - kError)};
    if (whole.x1 <= whole.x0) whole.x0 = std::floor(box.x0), whole.x1 = std::ceil(box.x1);
    if (whole.y1 <= whole.y0) whole.y0 = std::floor(box.y0), whole.y1 = std::ceil(box.y1);
    return whole;
}

double pixels_of(const std::vector<Run> &runs) {
    double pixels = 0;
    for (const Run &run : runs) pixels += static_cast<double>(run.end - run.begin);
    return pixels;
}

} // namespace

std::optional<Reason> Outline::set(Tool tool, const Shape &shape, Size size) {
    size_ = size;
    clip_ = options_.common.clip && size.known();
    has_zones_ = tool == Tool::segmentation;
    const auto why = tool == Tool::bounding_box ? set_box(shape.box) : set_rings(shape.rings);
    return why ? why : large_enough();
}

std::optional<Reason> Outline::set_box(const Box &box) {
    form_ = Form::box;
    const bool clipped = clip_ && !within(box, image_box(size_));
    if (clipped && outside(box, image_box(size_))) return Reason::outside_image;
    box_ = in_hundredths(clipped ? intersect(box, image_box(size_)) : box);
    if (box_.empty()) return Reason::degenerate;
    if (clipped) books_.note(Note::clipped);
    area_ = area_of_hundredths(box_);
    return std::nullopt;
}

std::optional<Reason> Outline::set_rings(const Rings &rings) {
    written_.clear();
    measured_.clear();
    const bool clip = clip_ && !within(extents(rings), image_box(size_));
    bool any_inside = !clip;
    for (std::size_t first = 0, end = 0; first < rings.size(); first = end) {
        end = end_of_zone(rings, first);
        if (clip && !clip_region(rings[first])) continue;
        any_inside = true;
        take_zone(rings, first, end, clip);
    }
    if (!any_inside) return Reason::outside_image;
    form_ = Form::polygons;
    if (written_.has_holes() && options_.holes == Holes::rle && make_run_lengths()) {
        form_ = Form::run_lengths;
        area_ = pixels_of(runs_);
        box_ = in_hundredths(extents_of_runs(runs_));
    } else {
        if (written_.has_holes()) separate_holes();
        const Coverage covered = measure(written_, measured_, check_);
        area_ = covered.area / kPerPixel;
        box_ = in_whole_hundredths(covered.box);
        if (!(area_ >= kNoArea) || box_.empty()) return Reason::degenerate;
    }
    if (clip) books_.note(Note::clipped);
    return std::nullopt;
}

/// Puts the part of a region that is within the image into clipped_. False if there is none, although the region has an
/// area.
bool Outline::clip_region(RingView ring) {
    clip_ring(ring, image_box(size_), clipped_);
    if (measure_ring(clipped_, check_).area >= kNoArea || !(measure_ring(ring, check_).area >= kNoArea)) return true;
    if (has_zones_) books_.note(Note::zone_outside);
    return false;
}

/// Adds a zone to written_. clip: clipped_ has its region.
void Outline::take_zone(const Rings &rings, std::size_t first, std::size_t end, bool clip) {
    if (!take_ring(clip ? RingView(clipped_) : rings[first], false)) {
        if (has_zones_) books_.note(Note::zone_degenerate);
        return;
    }
    for (std::size_t hole = first + 1; hole < end; ++hole) {
        if (options_.holes == Holes::drop)
            books_.note(Note::hole_dropped);
        else
            take_hole(rings[hole], clip);
    }
}

void Outline::take_hole(RingView ring, bool clip) {
    if (clip) {
        clip_ring(ring, image_box(size_), clipped_);
        if (clipped_.empty() && !ring.empty()) return; // it lies outside of the image
    }
    if (!take_ring(clip ? RingView(clipped_) : ring, true)) books_.note(Note::hole_degenerate);
}

/// Adds the rounded ring to written_; false if it has no area.
bool Outline::take_ring(RingView ring, bool hole) {
    written_.start(hole);
    for (const Point &p : ring) written_.add({to_hundredths(p.x), to_hundredths(p.y)});
    written_.clean_last();
    const Coverage covered = measure_ring(written_.last(), check_);
    if (covered.area / kPerPixel >= kNoArea) {
        measured_.push_back(covered);
        return true;
    }
    written_.drop_last();
    return false;
}

/// Whether the shape can be written as run lengths; if so, they are in runs_.
bool Outline::make_run_lengths() {
    if (!size_.known()) return false; // the image was noted already
    Rings in_pixels;
    for (std::size_t i = 0; i < written_.size(); ++i) {
        in_pixels.start(written_.is_hole(i));
        for (const Point &p : written_[i]) in_pixels.add({p.x / 100, p.y / 100});
    }
    const bool too_large = size_.width > options_.common.max_pixels / size_.height ||
                           !rasterise(in_pixels, size_, Lines::columns, kMostCrossings, runs_);
    if (too_large)
        books_.note(Note::rle_too_large);
    else if (runs_.empty())
        books_.note(Note::rle_empty); // so thin that it holds no pixel centre
    return !too_large && !runs_.empty();
}

/// Replaces each zone whose holes cannot be cut out one by one: by pieces without holes, or if there were too many
/// pieces, by its region.
void Outline::separate_holes() {
    Rings separate;
    for (std::size_t first = 0, end = 0; first < written_.size(); first = end) {
        end = end_of_zone(written_, first);
        const std::size_t before = separate.size();
        if (end == first + 1 || holes_are_apart(written_, first, end, check_)) {
            for (std::size_t i = first; i < end; ++i) separate.add_ring(written_.is_hole(i), written_[i]);
        } else if (cut_into_pieces(written_, first, end, separate, check_)) {
            books_.note(separate.size() > before ? Note::hole_bridged : Note::zone_degenerate);
        } else {
            separate.add_ring(false, written_[first]);
            books_.note(Note::hole_dropped, end - first - 1);
        }
    }
    written_ = std::move(separate);
    measured_.clear();
    for (std::size_t i = 0; i < written_.size(); ++i) measured_.push_back(measure_ring(written_[i], check_));
}

std::optional<Reason> Outline::large_enough() {
    if (area_ >= options_.common.min_area) return std::nullopt;
    books_.note(Note::below_min_area);
    return Reason::degenerate;
}

void Outline::append(std::string &out) {
    out += ",\"segmentation\":";
    switch (form_) {
        case Form::box: {
            if (!options_.box_segmentation) {
                out += "[]";
                break;
            }
            const Point corners[] = {{box_.x0, box_.y0}, {box_.x1, box_.y0}, {box_.x1, box_.y1}, {box_.x0, box_.y1}};
            out += '[';
            append_ring(out, corners);
            out += ']';
            break;
        }
        case Form::polygons: append_polygons(out); break;
        case Form::run_lengths: append_run_lengths(out, runs_, size_); break;
    }
    append_area_and_box(out, area_, box_);
}

void Outline::append_polygons(std::string &out) {
    out += '[';
    for (std::size_t i = 0; i < written_.size(); ++i) {
        if (written_.is_hole(i)) continue;
        if (i > 0) out += ',';
        if (i + 1 < written_.size() && written_.is_hole(i + 1)) {
            bridge_holes(written_, i, bridged_);
            append_ring(out, bridged_);
            books_.note(Note::hole_bridged);
        } else {
            append_ring(out, written_[i]);
        }
    }
    out += ']';
}

void Outline::append_ring(std::string &out, RingView ring) {
    out += '[';
    for (const Point &point : ring) {
        append_hundredths(out, point.x);
        out += ',';
        append_hundredths(out, point.y);
        out += ',';
    }
    out.back() = ']';
}

void append_area_and_box(std::string &out, double area, const Box &box) {
    out += ",\"area\":";
    append_rounded(out, area, area < kPrintsAsZero ? 9 : 2); // no area is written as 0
    out += ",\"bbox\":[";
    append_hundredths(out, box.x0);
    out += ',';
    append_hundredths(out, box.y0);
    out += ',';
    append_hundredths(out, box.width());
    out += ',';
    append_hundredths(out, box.height());
    out += "],\"iscrowd\":0";
}

Box in_hundredths(const Box &box) {
    return {to_hundredths(box.x0), to_hundredths(box.y0), to_hundredths(box.x1), to_hundredths(box.y1)};
}

double area_of_hundredths(const Box &box) { return box.area() / kPerPixel; }

} // namespace ango::export_coco
