// Option keypoints = group (modules/FORMATS.md 5.4): a group relation of points, with at most one box, is one
// annotation. The keypoints of its category are the titles of the points.
#pragma once

#include "common/accounting.hpp"
#include "common/conversion.hpp"
#include "common/geometry.hpp"
#include "export_coco/annotation_file.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ango::export_coco {

/// A group on one image.
struct KeypointGroup {
    std::string_view title, schema_id, object_id;  // of the relation
    const common::Json *classifications = nullptr; // of the relation
    std::vector<std::size_t> points;               // indices of the image's tools, at least one
    std::optional<std::size_t> box;
};

/// The group relations of the image's task that can be keypoints on this image. A tool belongs only to the first group
/// that names it. All other relations are noted as dropped, on the first image of the task.
std::vector<KeypointGroup> find_groups(const common::Image &image, common::Accounting &books);

/// COCO's v of a labelled point: 1 if an answer with a title like "occluded" or "visible" says that it is hidden,
/// otherwise 2.
std::uint32_t visibility(const common::Json *classifications);

/// The box around the points (at least one), in hundredths of px. A side that would be 0 is that of the pixel that holds the
/// points, within the image if its size is known; a note counts such boxes.
common::Box box_around(const std::vector<Keypoint> &points, common::Size image, common::Accounting &books);

/// The keypoint titles of each class. They have provisional indices until the run ends.
class KeypointTitles {
public:
    /// The index of a title in a class. Nothing if the class has too many titles: every annotation lists all of them.
    std::optional<std::uint32_t> find_or_add(std::uint32_t class_index, std::string_view title);
    /// The titles in the order of their bytes: the "keypoints" of the category.
    std::vector<std::string> sorted(std::uint32_t class_index) const;
    /// By provisional index: the place in sorted().
    std::vector<std::uint32_t> places(std::uint32_t class_index) const;

private:
    std::unordered_map<std::uint32_t, std::vector<std::string>> titles_;
};

} // namespace ango::export_coco
