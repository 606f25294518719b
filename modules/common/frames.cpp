#include "common/frames.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace ango::common {

namespace {

/// A key frame of an object, or its end.
struct Mark {
    const ToolEntry *entry = nullptr;
    bool is_end = false;
    std::size_t index = 0;

    auto place() const { return std::tuple(entry->object_id, entry->page, is_end, index); }
};

bool can_be_interpolated(Tool tool) { return tool == Tool::bounding_box || tool == Tool::point; }

} // namespace

void FrameSweep::interpolate(std::span<const ToolEntry> ends, const std::function<bool(Tool)> &wanted,
                             std::uint64_t longest_gap, Accounting &books) {
    std::vector<Mark> marks;
    for (std::size_t i = 0; i < keys_.size(); ++i)
        if (!keys_[i].object_id.empty()) marks.push_back({&keys_[i], false, i});
    for (std::size_t i = 0; i < ends.size(); ++i)
        if (!ends[i].object_id.empty()) marks.push_back({&ends[i], true, i});
    std::sort(marks.begin(), marks.end(), [](const Mark &a, const Mark &b) { return a.place() < b.place(); });

    for (std::size_t i = 0; i + 1 < marks.size(); ++i) {
        const Mark &a = marks[i];
        const Mark &b = marks[i + 1];
        if (a.entry->object_id != b.entry->object_id || a.is_end) continue;
        if (!can_be_interpolated(a.entry->tool) || !wanted(a.entry->tool)) continue;
        const bool same_tool = a.entry->tool == b.entry->tool;
        if ((!same_tool && !b.is_end) || b.entry->page - a.entry->page < 2) continue;
        if (b.entry->page - a.entry->page > longest_gap + 1) {
            books.note(Note::interpolation_too_long);
            continue;
        }
        // An end may come without a copy of the shape. Then the object stays where it was until there.
        const bool has_shape = same_tool && b.entry->shape && !b.entry->shape->IsNull();
        gaps_.push_back({a.index, a.entry->page, b.entry->page, has_shape || !b.is_end ? b.entry->shape : nullptr});
    }
    std::sort(gaps_.begin(), gaps_.end(),
              [](const Gap &a, const Gap &b) { return std::tie(a.from, a.key) < std::tie(b.from, b.key); });
}

bool FrameSweep::next() {
    std::uint64_t page = std::numeric_limits<std::uint64_t>::max();
    std::erase_if(open_, [this](const Gap &gap) { return gap.to <= page_ + 1; });
    if (!open_.empty()) page = page_ + 1;
    if (next_key_ < keys_.size()) page = std::min(page, keys_[next_key_].page);
    if (next_gap_ < gaps_.size()) page = std::min(page, gaps_[next_gap_].from + 1);
    if (page == std::numeric_limits<std::uint64_t>::max()) return false;
    page_ = page;

    for (; next_gap_ < gaps_.size() && gaps_[next_gap_].from < page; ++next_gap_) open_.push_back(gaps_[next_gap_]);
    made_.clear();
    for (const Gap &gap : open_) {
        ToolEntry &made = made_.emplace_back(keys_[gap.key]);
        made.page = page;
        made.interpolated = true;
        made.towards = gap.towards;
        made.share = static_cast<double>(page - gap.from) / static_cast<double>(gap.to - gap.from);
    }
    const std::size_t first_key = next_key_;
    while (next_key_ < keys_.size() && keys_[next_key_].page == page) ++next_key_;
    tools_ = keys_.subspan(first_key, next_key_ - first_key);
    if (!made_.empty()) {
        made_.insert(made_.end(), tools_.begin(), tools_.end());
        tools_ = made_;
    }
    return true;
}

} // namespace ango::common
