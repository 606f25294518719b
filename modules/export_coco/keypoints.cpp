// A relation belongs to a task, but its members may be on different pages or frames: GroupFinder looks at one image and
// takes the members that are on it. A group that has another tool among them, or a second box, or another group, is no
// keypoint group; its members are then converted as single tools.
#include "export_coco/keypoints.hpp"

#include "common/classifications.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace ango::export_coco {

using namespace common;

namespace {

constexpr std::size_t kMostTitles = 1000;

bool has(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

enum class Word { yes, no, hidden, shown, other };

Word word_of(const Json *answer) {
    if (!answer) return Word::other;
    if (answer->IsArray() && answer->Size() == 1) answer = &(*answer)[0];
    if (answer->IsBool()) return answer->GetBool() ? Word::yes : Word::no;
    const std::string word = ascii_lower(text_of(answer));
    if (word == "yes" || word == "true" || word == "1") return Word::yes;
    if (word == "no" || word == "false" || word == "0") return Word::no;
    if (has(word, "invisib") || has(word, "not visib") || has(word, "hidden") || has(word, "occlu"))
        return word.starts_with("not ") && !has(word, "visib") ? Word::shown : Word::hidden;
    return has(word, "visib") ? Word::shown : Word::other;
}

class GroupFinder {
public:
    GroupFinder(const Image &image, Accounting &books)
        : image_(image), books_(books), taken_(image.tools.size(), false), seen_in_(image.tools.size(), 0) {
        for (std::size_t i = 0; i < image.tools.size(); ++i)
            if (!image.tools[i].object_id.empty()) by_id_.emplace(image.tools[i].object_id, i);
        for (const Json &relation : image.task.relations->GetArray())
            if (const std::string_view id = text_of(find(&relation, "objectId")); !id.empty()) relations_.insert(id);
    }

    void read(const Json &relation) {
        const Json *members = array_or_null(find(&relation, "group"));
        if (!members || members->Empty()) return note(Note::relations_dropped);
        KeypointGroup group;
        ++group_number_;
        group.title = text_of(find(&relation, "title"));
        group.schema_id = text_of(find(&relation, "schemaId"));
        group.object_id = text_of(find(&relation, "objectId"));
        group.classifications = array_or_null(find(&relation, "classifications"));
        const bool all_fit =
            std::all_of(members->Begin(), members->End(), [&](const Json &id) { return add(id, group); });
        if (!all_fit) {
            note(Note::keypoint_group_rejected);
            return note(Note::relations_dropped);
        }
        if (group.points.empty()) {
            // It may be a keypoint group on another frame or page. Otherwise it has no place in the file.
            if (!image_.page || !names_a_point(*members)) note(Note::relations_dropped);
            return;
        }
        for (const std::size_t point : group.points) taken_[point] = true;
        if (group.box) taken_[*group.box] = true;
        groups.push_back(std::move(group));
    }

    std::vector<KeypointGroup> groups;

private:
    /// False if the group is no keypoint group because of this member. Ids that are not on this image are skipped: they
    /// dangle, or belong to another frame.
    bool add(const Json &id, KeypointGroup &group) {
        const auto found = by_id_.find(text_of(&id));
        if (found == by_id_.end()) return !relations_.contains(text_of(&id)); // a group of groups is no keypoint group
        if (taken_[found->second]) return true;
        const std::size_t index = found->second;
        if (std::exchange(seen_in_[index], group_number_) == group_number_) return true; // named twice
        const Tool tool = image_.tools[index].tool;
        if (tool == Tool::point) {
            group.points.push_back(index);
            return true;
        }
        if (tool != Tool::bounding_box || group.box) return false;
        group.box = index;
        return true;
    }

    /// Whether a member is a point on any page of the task.
    bool names_a_point(const Json &members) const {
        if (!image_.first_of_task || !image_.task.tools) return false; // notes are made on the first image only
        std::unordered_set<std::string_view> points;
        for (const Json &tool : image_.task.tools->GetArray())
            if (find(&tool, "point")) points.insert(text_of(find(&tool, "objectId")));
        return std::any_of(members.Begin(), members.End(),
                           [&](const Json &id) { return id.IsString() && points.contains(text_of(&id)); });
    }

    void note(Note what) {
        if (image_.first_of_task) books_.note(what);
    }

    const Image &image_;
    Accounting &books_;
    std::vector<bool> taken_;          // for each tool: whether it is in an accepted group
    std::vector<std::size_t> seen_in_; // for each tool: the number of the last group that named it
    std::size_t group_number_ = 0;
    std::unordered_map<std::string_view, std::size_t> by_id_;
    std::unordered_set<std::string_view> relations_;
};

} // namespace

std::vector<KeypointGroup> find_groups(const Image &image, Accounting &books) {
    if (!image.task.relations || image.task.relations->Empty()) return {};
    GroupFinder finder(image, books);
    for (const Json &relation : image.task.relations->GetArray()) finder.read(relation);
    return std::move(finder.groups);
}

std::uint32_t visibility(const Json *classifications) {
    std::uint32_t v = 2;
    walk_classifications(classifications, [&](const Json &one) {
        const std::string title = ascii_lower(classification_name(one));
        const Word word = word_of(find(&one, "answer"));
        const bool about_hidden = has(title, "occlu") || has(title, "hidden") || has(title, "invisib");
        if (about_hidden && (word == Word::yes || word == Word::hidden)) v = 1;
        if (!about_hidden && has(title, "visib") && (word == Word::no || word == Word::hidden)) v = 1;
        return true;
    });
    return v;
}

Box box_around(const std::vector<Keypoint> &points, Size image, Accounting &books) {
    std::vector<Point> rounded;
    for (const Keypoint &point : points) rounded.push_back({to_hundredths(point.x), to_hundredths(point.y)});
    Box box = extents(rounded);
    const auto widen = [](double &from, double &to, std::uint64_t length) {
        if (to > from) return false;
        from = std::floor(from / 100) * 100;
        if (length > 0) from = std::min(from, static_cast<double>(length - 1) * 100); // a point on the far border
        to = from + 100;
        return true;
    };
    const bool wider = widen(box.x0, box.x1, image.width), higher = widen(box.y0, box.y1, image.height);
    if (wider || higher) books.note(Note::box_widened);
    return box;
}

std::optional<std::uint32_t> KeypointTitles::find_or_add(std::uint32_t class_index, std::string_view title) {
    std::vector<std::string> &titles = titles_[class_index];
    const auto found = std::find(titles.begin(), titles.end(), title);
    if (found != titles.end()) return static_cast<std::uint32_t>(found - titles.begin());
    if (titles.size() == kMostTitles) return std::nullopt;
    titles.emplace_back(title);
    return static_cast<std::uint32_t>(titles.size() - 1);
}

std::vector<std::string> KeypointTitles::sorted(std::uint32_t class_index) const {
    const auto found = titles_.find(class_index);
    if (found == titles_.end()) return {};
    std::vector<std::string> titles = found->second;
    std::sort(titles.begin(), titles.end());
    return titles;
}

std::vector<std::uint32_t> KeypointTitles::places(std::uint32_t class_index) const {
    const auto found = titles_.find(class_index);
    if (found == titles_.end()) return {};
    const std::vector<std::string> in_order = sorted(class_index);
    std::vector<std::uint32_t> places;
    for (const std::string &title : found->second)
        places.push_back(
            static_cast<std::uint32_t>(std::lower_bound(in_order.begin(), in_order.end(), title) - in_order.begin()));
    return places;
}

} // namespace ango::export_coco
