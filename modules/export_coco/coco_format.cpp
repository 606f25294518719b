// An image is written with its answers; then its keypoint groups, its tools and its brush traces become annotations.
// Each tool is settled in the accounting exactly once: emitted, merged into a group, or dropped with a reason.
//
// The text of an annotation is written to the scratch file without its ids, because categories are numbered when all
// assets have been read. finish() joins the two.
#include "export_coco/coco_format.hpp"

#include "common/numbers.hpp"
#include "common/text.hpp"
#include "export_coco/run_lengths.hpp"

#include <algorithm>

namespace ango::export_coco {

using namespace common;

namespace {

void append_member(std::string &out, std::string_view name_and_colon, std::string_view text) {
    out += name_and_colon;
    append_json_string(out, text);
}

} // namespace

CocoFormat::CocoFormat(Job &job, Writer &zip, const CocoOptions &options, Accounting &books, Classes &classes)
    : job_(job),
      zip_(zip),
      options_(options),
      books_(books),
      classes_(classes),
      out_(zip),
      annotations_(job),
      attributes_(options.attributes, books),
      outline_(options, books, [this] { stop_if_cancelled(job_); }),
      masks_(job, options, books) {
    zip_.open(options_.annotations_name);
    out_.text() +=
        "{\"info\":{\"description\":\"Ango Hub export converted by export-coco\"},\"licenses\":[],\n\"images\":[";
}

void CocoFormat::image(const Image &image) {
    ++image_count_;
    append_image(out_.text(), image);
    out_.settle();
    settled_.assign(image.tools.size(), false);
    if (options_.group_keypoints)
        for (const KeypointGroup &group : find_groups(image, books_)) convert_group(image, group);
    for (std::size_t i = 0; i < image.tools.size(); ++i)
        if (!settled_[i]) convert_tool(image, image.tools[i]);
    if (!image.task.brush_url.empty()) convert_brush(image);
}

void CocoFormat::append_image(std::string &out, const Image &image) {
    out += image_count_ == 1 ? "\n{\"id\":" : ",\n{\"id\":";
    append_integer(out, image_count_);
    if (image.size.known()) {
        out += ",\"width\":";
        append_integer(out, image.size.width);
        out += ",\"height\":";
        append_integer(out, image.size.height);
    }
    append_member(out, ",\"file_name\":", image.name);
    append_member(out, ",\"ango_external_id\":", image.record.external_id);
    if (!image.url.empty()) append_member(out, ",\"ango_asset_url\":", image.url);
    append_member(out, ",\"ango_task_id\":", image.task.id);
    if (image.page) {
        out += ",\"ango_page\":";
        append_integer(out, *image.page);
    }
    attributes_.append_for_page(out, image.task.classifications, image.page, image.first_of_task);
    out += '}';
}

bool CocoFormat::supported(Tool tool) const {
    switch (tool) {
        case Tool::bounding_box:
        case Tool::polygon:
        case Tool::segmentation: return true;
        case Tool::rotated_box: return !options_.common.strict_tools; // its bbox is the enclosing box only
        default: return false;
    }
}

void CocoFormat::convert_tool(const Image &image, const ToolEntry &tool) {
    const auto drop = [&](Reason why) { settle_dropped(books_, tool, why); };
    if (!supported(tool.tool)) {
        // A spline that does not look like one has an unknown shape.
        if (tool.tool == Tool::spline && shape_.read(tool, books_) == Reason::unknown_shape)
            return drop(Reason::unknown_shape);
        return drop(Reason::unsupported_tool);
    }
    const std::optional<std::uint32_t> class_index = classes_.find_or_add(tool.title, tool.schema_id);
    if (!class_index) return drop(Reason::no_class);
    const PixelMap::Mask *mask = nullptr;
    if (auto why = shape_.read(tool, books_)) {
        mask = *why == Reason::segmentation_without_points ? find_mask(image, tool, *why) : nullptr;
        if (!mask) return drop(*why);
    } else if (const auto unfit = outline_.set(tool.tool, shape_, image.size)) {
        return drop(*unfit);
    }

    if (tool.tool == Tool::rotated_box) books_.note(Note::boxed);
    classes_.use(*class_index);
    std::string &out = annotations_.begin(*class_index, image_count_);
    if (mask)
        append_mask(out, *mask);
    else
        outline_.append(out);
    append_member(out, ",\"ango_object_id\":", tool.object_id);
    attributes_.append(out, tool.classifications);
    out += '}';
    annotations_.end();
    settle_emitted(books_, tool);
}

const PixelMap::Mask *CocoFormat::find_mask(const Image &image, const ToolEntry &tool, Reason &why) {
    if (!options_.fetch_masks || !tool.masks) return nullptr;
    const PixelMap::Mask *mask = masks_.segmentation(image, *tool.masks);
    if (!mask) return nullptr;
    books_.note(Note::masked);
    if (mask->pixels > 0 && static_cast<double>(mask->pixels) >= options_.common.min_area) return mask;
    why = Reason::degenerate;
    return nullptr;
}

void CocoFormat::append_mask(std::string &out, const PixelMap::Mask &mask) {
    out += ",\"segmentation\":";
    append_run_lengths(out, mask.runs, masks_.size());
    append_area_and_box(out, static_cast<double>(mask.pixels), in_hundredths(mask.box));
}

/// All traces of one class are one annotation: the picture does not tell where one object ends and the next begins.
void CocoFormat::convert_brush(const Image &image) {
    if (!options_.fetch_masks || image.page) { // it is not known which page such a picture belongs to
        if (image.first_of_task) books_.note(Note::brush_ignored);
        return;
    }
    for (const Masks::Brush &drawn : masks_.brush(image)) {
        const auto class_index = classes_.find_or_add(drawn.what->title, drawn.what->schema_id);
        if (!class_index) {
            books_.note(Note::brush_unmatched_px, drawn.mask->pixels);
            continue;
        }
        if (static_cast<double>(drawn.mask->pixels) < options_.common.min_area) {
            books_.note(Note::below_min_area);
            continue;
        }
        classes_.use(*class_index);
        std::string &out = annotations_.begin(*class_index, image_count_);
        append_mask(out, *drawn.mask);
        out += ",\"ango_object_id\":\"\"}";
        annotations_.end();
        books_.note(Note::brush_annotations);
    }
}

/// Settles every point of the group: merged into the annotation, or dropped.
void CocoFormat::convert_group(const Image &image, const KeypointGroup &group) {
    const std::optional<std::uint32_t> class_index = classes_.find_or_add(group.title, group.schema_id);
    if (!class_index) { // its members are converted one by one
        books_.note(Note::keypoint_group_rejected);
        if (image.first_of_task) books_.note(Note::relations_dropped);
        return;
    }
    std::vector<Keypoint> points;
    std::vector<std::uint32_t> titles;
    for (const std::size_t i : group.points) {
        const ToolEntry &tool = image.tools[i];
        const auto drop = [&](Reason why) { settle_dropped(books_, tool, why); };
        settled_[i] = true;
        const std::string_view title = tool.title.empty() ? tool.schema_id : tool.title;
        if (const auto why = shape_.read(tool, books_)) {
            drop(*why);
            continue;
        }
        const Point at = shape_.points[0];
        const Box area = image_box(image.size);
        if (options_.common.clip && image.size.known() && (at.x < 0 || at.y < 0 || at.x > area.x1 || at.y > area.y1)) {
            drop(Reason::outside_image);
            continue;
        }
        const auto index = title.empty() ? std::nullopt : keypoint_titles_.find_or_add(*class_index, title);
        if (!index) {
            drop(Reason::no_class);
        } else if (std::find(titles.begin(), titles.end(), *index) != titles.end()) {
            books_.note(Note::keypoint_duplicate);
            drop(Reason::duplicate_keypoint);
        } else {
            titles.push_back(*index);
            points.push_back({at.x, at.y, *index, visibility(tool.classifications)});
            settle_merged(books_, tool);
        }
    }
    if (!points.empty()) append_group(*class_index, image, group, points);
}

void CocoFormat::append_group(std::uint32_t class_index, const Image &image, const KeypointGroup &group,
                              const std::vector<Keypoint> &points) {
    bool has_box = false;
    if (group.box) { // convert_tool drops a box that cannot be used, with its reason
        const ToolEntry &tool = image.tools[*group.box];
        has_box = !shape_.read(tool, books_) && !outline_.set(tool.tool, shape_, image.size);
        if (has_box) {
            settled_[*group.box] = true;
            settle_merged(books_, tool);
        }
    }
    classes_.use(class_index);
    std::string &out = annotations_.begin(class_index, image_count_, points);
    if (has_box) {
        outline_.append(out);
    } else {
        out += ",\"segmentation\":[]";
        const Box box = box_around(points, options_.common.clip ? image.size : Size{}, books_);
        append_area_and_box(out, area_of_hundredths(box), box);
    }
    append_member(out, ",\"ango_object_id\":", group.object_id);
    attributes_.append(out, group.classifications);
    out += '}';
    annotations_.end();
}

void CocoFormat::append_category(std::string &out, std::uint64_t id, const Classes::Ordered &one) {
    out += id == 1 ? "\n{\"id\":" : ",\n{\"id\":";
    append_integer(out, id);
    append_member(out, ",\"name\":", one.name);
    out += ",\"supercategory\":\"\"";
    if (const std::vector<std::string> titles = keypoint_titles_.sorted(one.index); !titles.empty()) {
        out += ",\"keypoints\":[";
        for (const std::string &title : titles) {
            append_json_string(out, title);
            out += ',';
        }
        out.back() = ']';
        out += ",\"skeleton\":[]";
    }
    out += '}';
}

void CocoFormat::finish(const std::vector<Classes::Ordered> &order) {
    attributes_.settle();
    AnnotationFile::Final known;
    known.category_ids.resize(classes_.size());
    known.keypoint_places.resize(classes_.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        known.category_ids[order[i].index] = i + 1;
        known.keypoint_places[order[i].index] = keypoint_titles_.places(order[i].index);
    }
    out_.text() += "],\n\"annotations\":[";
    annotations_.copy_to(out_, known, [this] { stop_if_cancelled(job_); });
    out_.text() += "],\n\"categories\":[";
    for (std::size_t i = 0; i < order.size(); ++i) {
        append_category(out_.text(), i + 1, order[i]);
        out_.settle();
    }
    out_.text() += "]}\n";
    out_.flush();
    zip_.close();
}

} // namespace ango::export_coco
