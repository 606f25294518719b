// Annotations on their way: a class gets its id, and a keypoint its place, when the last asset has been read.
// Until then annotations lie in a scratch file as [head][keypoints][text], text being everything of the JSON
// object that is already final; the way into the zip fills in the rest.
#pragma once

#include "common/buffered.hpp"

#include <ango/module.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace coco {

/// A labelled point of a keypoint annotation.
struct Keypoint {
    double x = 0, y = 0;
    std::uint32_t title = 0;   ///< provisional index of its title in the class
    std::uint32_t visible = 0; ///< COCO's v: 2 visible, 1 hidden
};

class AnnotationFile {
public:
    explicit AnnotationFile(ango::Job &job) : file_(job.scratch()), out_(file_) {}

    /// Starts an annotation; the caller appends its members behind category_id, beginning with a comma, up to
    /// and with the closing brace, then calls end().
    std::string &begin(std::uint32_t class_index, std::uint64_t image_id, std::span<const Keypoint> keypoints = {});
    void end();
    std::uint64_t count() const { return count_; }

    /// Provisional class index to category id, and per class the place of each keypoint title.
    struct Final {
        std::vector<std::uint64_t> category_ids;
        std::vector<std::vector<std::uint32_t>> keypoint_places;
    };
    /// Appends the annotations, comma-separated, ids from 1. Once. on_block is called now and then.
    void copy_to(ango::convert::Buffered<ango::Writer> &out, const Final &known, const std::function<void()> &on_block);

private:
    struct Head {
        std::uint64_t image_id;
        std::uint64_t text_size;
        std::uint32_t class_index;
        std::uint32_t keypoint_count;
    };

    ango::Scratch file_;
    ango::convert::Buffered<ango::Scratch> out_;
    std::uint64_t count_ = 0;
    std::size_t head_at_ = 0; // where the open annotation's head lies in the buffer
    std::size_t text_at_ = 0;
};

} // namespace coco
