// Option keypoints = group (formats.md 4.2): a group relation of points, with at most one box, is one annotation
// whose category has the points' titles as keypoints.
#pragma once

#include "annotation_file.hpp"
#include "common/accounting.hpp"
#include "common/conversion.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace coco {

/// A group on one image.
struct KeypointGroup {
    std::string_view title, schema_id, object_id;         // of the relation
    const ango::convert::Json *classifications = nullptr; // of the relation
    std::vector<std::size_t> points;                      // indices of the image's tools, at least one
    std::optional<std::size_t> box;
};

/// The group relations of image's task that can be keypoints on this image; others stay relations. A tool is in
/// the first group that names it only. Counts relations on the first image of the task.
std::vector<KeypointGroup> find_groups(const ango::convert::Image &image, ango::convert::Accounting &books);

/// COCO's v of a labelled point: 1 if an answer titled like "occluded" or "visible" says it is hidden, else 2.
std::uint32_t visibility(const ango::convert::Json *classifications);

/// The keypoint titles of each class, by provisional index until the run ends.
class KeypointTitles {
public:
    /// Index of a title in a class, or nothing if the class has too many: every annotation lists them all.
    std::optional<std::uint32_t> find_or_add(std::uint32_t class_index, std::string_view title);
    /// Titles in byte order: the category's "keypoints".
    std::vector<std::string> sorted(std::uint32_t class_index) const;
    /// Provisional index to place in sorted().
    std::vector<std::uint32_t> places(std::uint32_t class_index) const;

private:
    std::unordered_map<std::uint32_t, std::vector<std::string>> titles_;
};

} // namespace coco
