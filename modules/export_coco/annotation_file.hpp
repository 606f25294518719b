// Annotations until the end of the run. A class gets its id, and a keypoint its place, when the last asset has been
// read. Until then each annotation waits in a scratch file as [head][keypoints][text]. text is the part of the JSON
// object that is final; copy_to adds the rest.
#pragma once

#include "common/buffered.hpp"

#include <ango/module.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ango::export_coco {

/// A labelled point of a keypoint annotation.
struct Keypoint {
    double x = 0, y = 0;
    std::uint32_t title = 0;   ///< provisional index of its title in the class
    std::uint32_t visible = 0; ///< COCO's v: 2 visible, 1 hidden
};

class AnnotationFile {
public:
    explicit AnnotationFile(Job &job) : file_(job.scratch()), out_(file_) {}

    /// Starts an annotation. The caller appends the members behind category_id, beginning with a comma, and the closing
    /// brace, then calls end().
    std::string &begin(std::uint32_t class_index, std::uint64_t image_id, std::span<const Keypoint> keypoints = {});
    void end();
    std::uint64_t count() const { return count_; }

    /// By provisional index of the class: the category id, and the place of each keypoint title.
    struct Final {
        std::vector<std::uint64_t> category_ids;
        std::vector<std::vector<std::uint32_t>> keypoint_places;
    };
    /// Appends the annotations, separated by commas, with ids from 1. Call it once. on_block is called for each block
    /// that is read.
    void copy_to(common::Buffered<Writer> &out, const Final &known, const std::function<void()> &on_block);

private:
    struct Head {
        std::uint64_t image_id;
        std::uint64_t text_size;
        std::uint32_t class_index;
        std::uint32_t keypoint_count;
    };

    Scratch file_;
    common::Buffered<Scratch> out_;
    std::uint64_t count_ = 0;
    std::size_t head_at_ = 0; // offset of the open annotation's head in the buffer
    std::size_t text_at_ = 0;
};

} // namespace ango::export_coco
