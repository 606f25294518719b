#include "export_coco/annotation_file.hpp"

#include "common/numbers.hpp"

#include <algorithm>
#include <cstring>

namespace ango::export_coco {

using namespace common;

namespace {

/// Reads a scratch file in large blocks.
class BlockReader {
public:
    BlockReader(Scratch &file, const std::function<void()> &on_block)
        : file_(file), on_block_(on_block), block_(Buffered<Scratch>::kWriteAt, '\0') {}

    /// Copies exactly size bytes to to; false at the end of the file.
    bool read(void *to, std::size_t size) {
        char *at = static_cast<char *>(to);
        while (size > 0) {
            if (next_ == filled_ && !fill()) return false;
            const std::size_t part = std::min(size, filled_ - next_);
            std::memcpy(at, block_.data() + next_, part);
            at += part;
            next_ += part;
            size -= part;
        }
        return true;
    }
    /// Appends the next size bytes to out, which writes whenever it is full.
    void append(Buffered<Writer> &out, std::uint64_t size) {
        while (size > 0 && (next_ < filled_ || fill())) {
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, filled_ - next_));
            out.text().append(block_.data() + next_, part);
            out.settle();
            next_ += part;
            size -= part;
        }
    }

private:
    bool fill() {
        on_block_();
        filled_ = file_.read(block_.data(), block_.size());
        next_ = 0;
        return filled_ > 0;
    }

    Scratch &file_;
    const std::function<void()> &on_block_;
    std::string block_;
    std::size_t next_ = 0, filled_ = 0;
};

void append_keypoints(std::string &out, const std::vector<Keypoint> &points, const std::vector<std::uint32_t> &places) {
    std::vector<const Keypoint *> in_place(places.size(), nullptr);
    for (const Keypoint &point : points) in_place[places[point.title]] = &point;
    out += ",\"keypoints\":[";
    for (const Keypoint *point : in_place) {
        append_rounded(out, point ? point->x : 0, 2);
        out += ',';
        append_rounded(out, point ? point->y : 0, 2);
        out += ',';
        append_integer(out, point ? point->visible : 0);
        out += ',';
    }
    out.back() = ']';
    out += ",\"num_keypoints\":";
    append_integer(out, points.size());
}

} // namespace

std::string &AnnotationFile::begin(std::uint32_t class_index, std::uint64_t image_id,
                                   std::span<const Keypoint> keypoints) {
    std::string &text = out_.text();
    const Head head{image_id, 0, class_index, static_cast<std::uint32_t>(keypoints.size())};
    head_at_ = text.size();
    text.append(reinterpret_cast<const char *>(&head), sizeof head);
    text.append(reinterpret_cast<const char *>(keypoints.data()), keypoints.size_bytes());
    text_at_ = text.size();
    return text;
}

void AnnotationFile::end() {
    std::string &text = out_.text();
    const std::uint64_t size = text.size() - text_at_;
    std::memcpy(text.data() + head_at_ + offsetof(Head, text_size), &size, sizeof size);
    ++count_;
    out_.settle();
}

void AnnotationFile::copy_to(Buffered<Writer> &out, const Final &known, const std::function<void()> &on_block) {
    out_.flush();
    BlockReader in(file_, on_block);
    Head head;
    std::vector<Keypoint> points;
    for (std::uint64_t id = 1; in.read(&head, sizeof head); ++id) {
        std::string &text = out.text();
        text += id == 1 ? "\n{\"id\":" : ",\n{\"id\":";
        append_integer(text, id);
        text += ",\"image_id\":";
        append_integer(text, head.image_id);
        text += ",\"category_id\":";
        append_integer(text, known.category_ids[head.class_index]);
        points.resize(head.keypoint_count);
        if (head.keypoint_count > 0 && in.read(points.data(), points.size() * sizeof(Keypoint)))
            append_keypoints(text, points, known.keypoint_places[head.class_index]);
        in.append(out, head.text_size);
    }
}

} // namespace ango::export_coco
