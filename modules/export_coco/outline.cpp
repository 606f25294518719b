// Two sets of rings are kept apart: written_ is drawn by the labeller and goes into the file; inside_ is clipped at the
// image and gives area and bbox. Holes are written as run lengths if the size of the image is known, otherwise as rings
// that are cut open to the hole.
#include "export_coco/outline.hpp"

#include "common/bridge.hpp"
#include "common/numbers.hpp"
#include "export_coco/run_lengths.hpp"

#include <algorithm>
#include <cmath>

namespace ango::export_coco {

using namespace common;

namespace {

/// Limits time and text of the run lengths of one annotation (40 MB at most). Drawn shapes stay far below.
constexpr std::uint64_t kMostCrossings = 5'000'000;

void append_pixel(std::string &out, double value) { append_rounded(out, value, 2); }

bool within(const Box &inner, const Box &outer) {
    return inner.x0 >= outer.x0 && inner.y0 >= outer.y0 && inner.x1 <= outer.x1 && inner.y1 <= outer.y1;
}

} // namespace

std::optional<Reason> Outline::set(Tool tool, const Shape &shape, Size size) {
    size_ = size;
    clip_ = options_.common.clip && size.known();
    is_box_ = tool == Tool::bounding_box;
    if (is_box_) return set_box(shape.box);
    if (const auto why = set_rings(shape.rings)) return why;
    if (tool == Tool::rotated_box && inside_.empty()) area_ = shape.rotated_area;
    return large_enough();
}

std::optional<Reason> Outline::set_box(const Box &box) {
    box_ = box;
    if (clip_ && !within(box, image_box(size_))) {
        box_ = intersect(box, image_box(size_));
        if (box_.empty()) return Reason::outside_image;
        books_.note(Note::clipped);
    }
    area_ = box_.area();
    return large_enough();
}

std::optional<Reason> Outline::set_rings(const Rings &rings) {
    written_.clear();
    inside_.clear();
    box_ = extents(rings);
    if (clip_ && !within(box_, image_box(size_))) {
        clip_zones(rings);
        if (inside_.empty()) return Reason::outside_image;
        books_.note(Note::clipped);
        box_ = extents(inside_);
        area_ = net_area(inside_);
    } else {
        keep(rings, 0, rings.size());
        area_ = net_area(written_);
    }
    return std::nullopt;
}

/// Adds rings[first, end) to written_, without holes that are dropped.
void Outline::keep(const Rings &rings, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
        if (rings.is_hole(i) && options_.holes == Holes::drop) {
            books_.note(Note::hole_dropped);
            continue;
        }
        written_.start(rings.is_hole(i));
        for (const Point &point : rings[i]) written_.add(point);
    }
}

void Outline::clip_zones(const Rings &rings) {
    const Box image = image_box(size_);
    for (std::size_t first = 0; first < rings.size();) {
        std::size_t end = first + 1;
        while (end < rings.size() && rings.is_hole(end)) ++end;
        if (clip_ring(rings[first], image, false, inside_)) {
            for (std::size_t hole = first + 1; hole < end && options_.holes != Holes::drop; ++hole)
                clip_ring(rings[hole], image, true, inside_);
            keep(rings, first, end);
        } else {
            books_.note(Note::zone_outside);
        }
        first = end;
    }
}

std::optional<Reason> Outline::large_enough() {
    if (area_ >= options_.common.min_area) return std::nullopt;
    books_.note(Note::below_min_area);
    return Reason::degenerate;
}

/// Whether the shape can be written as run lengths; if so, they are in runs_.
bool Outline::make_run_lengths() {
    if (!size_.known()) return false; // the image was noted already
    const bool too_large = size_.width > options_.common.max_pixels / size_.height ||
                           !rasterise(written_, size_, Lines::columns, kMostCrossings, runs_);
    if (too_large)
        books_.note(Note::rle_too_large);
    else if (runs_.empty())
        books_.note(Note::rle_empty); // so thin that it holds no pixel centre
    return !too_large && !runs_.empty();
}

void Outline::append(std::string &out) {
    out += ",\"segmentation\":";
    if (is_box_) {
        out += options_.box_segmentation ? "[[" : "[";
        if (options_.box_segmentation) append_box_corners(out, box_);
        out += options_.box_segmentation ? "]]" : "]";
    } else if (options_.holes == Holes::rle && written_.has_holes() && make_run_lengths()) {
        append_run_lengths(out, runs_, size_);
    } else {
        append_polygons(out);
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
        append_pixel(out, point.x);
        out += ',';
        append_pixel(out, point.y);
        out += ',';
    }
    out.back() = ']';
}

void append_box_corners(std::string &out, const Box &box) {
    const double corners[] = {box.x0, box.y0, box.x1, box.y0, box.x1, box.y1, box.x0, box.y1};
    for (const double value : corners) {
        append_pixel(out, value);
        out += ',';
    }
    out.pop_back();
}

void append_area_and_box(std::string &out, double area, const Box &box) {
    out += ",\"area\":";
    append_pixel(out, area);
    out += ",\"bbox\":[";
    append_pixel(out, box.x0);
    out += ',';
    append_pixel(out, box.y0);
    out += ',';
    append_pixel(out, box.width());
    out += ',';
    append_pixel(out, box.height());
    out += "],\"iscrowd\":0";
}

} // namespace ango::export_coco
