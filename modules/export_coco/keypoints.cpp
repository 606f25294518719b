#include "keypoints.hpp"

#include "common/classifications.hpp"
#include "common/text.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace coco {

using namespace ango::convert;

namespace {

constexpr std::size_t kMostTitles = 1000;

bool has(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

enum class Word { kYes, kNo, kHidden, kShown, kOther };

Word word_of(const Json *answer) {
    if (!answer) return Word::kOther;
    if (answer->IsArray() && answer->Size() == 1) answer = &(*answer)[0];
    if (answer->IsBool()) return answer->GetBool() ? Word::kYes : Word::kNo;
    const std::string word = ascii_lower(text_of(answer));
    if (word == "yes" || word == "true" || word == "1") return Word::kYes;
    if (word == "no" || word == "false" || word == "0") return Word::kNo;
    if (has(word, "invisib") || has(word, "not visib") || has(word, "hidden") || has(word, "occlu"))
        return word.starts_with("not ") && !has(word, "visib") ? Word::kShown : Word::kHidden;
    return has(word, "visib") ? Word::kShown : Word::kOther;
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
        if (!members || members->Empty()) return note(Note::kRelationsDropped);
        KeypointGroup group;
        ++group_number_;
        group.title = text_of(find(&relation, "title"));
        group.schema_id = text_of(find(&relation, "schemaId"));
        group.object_id = text_of(find(&relation, "objectId"));
        group.classifications = array_or_null(find(&relation, "classifications"));
        const bool all_fit =
            std::all_of(members->Begin(), members->End(), [&](const Json &id) { return add(id, group); });
        if (!all_fit) {
            note(Note::kKeypointGroupRejected);
            return note(Note::kRelationsDropped);
        }
        if (group.points.empty()) {
            // On another frame or page it may be keypoints; a relation that is so nowhere has no place in the file.
            if (!image_.page || !names_a_point(*members)) note(Note::kRelationsDropped);
            return;
        }
        for (const std::size_t point : group.points) taken_[point] = true;
        if (group.box) taken_[*group.box] = true;
        groups.push_back(std::move(group));
    }

    std::vector<KeypointGroup> groups;

private:
    /// False if the member makes the group something else than keypoints. Ids that are not on this image are
    /// passed over: they dangle, or belong to another frame.
    bool add(const Json &id, KeypointGroup &group) {
        const auto found = by_id_.find(text_of(&id));
        if (found == by_id_.end()) return !relations_.contains(text_of(&id)); // a group of groups is no keypoints
        if (taken_[found->second]) return true;
        const std::size_t index = found->second;
        if (std::exchange(seen_in_[index], group_number_) == group_number_) return true; // named twice
        const Tool tool = image_.tools[index].tool;
        if (tool == Tool::kPoint) {
            group.points.push_back(index);
            return true;
        }
        if (tool != Tool::kBoundingBox || group.box) return false;
        group.box = index;
        return true;
    }

    /// Of the whole task, whatever the page.
    bool names_a_point(const Json &members) const {
        if (!image_.first_of_task || !image_.task.tools) return false; // only the first image is noted
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
    std::vector<bool> taken_;          // per tool: in a group that was accepted
    std::vector<std::size_t> seen_in_; // per tool: number of the last group that named it
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
        if (about_hidden && (word == Word::kYes || word == Word::kHidden)) v = 1;
        if (!about_hidden && has(title, "visib") && (word == Word::kNo || word == Word::kHidden)) v = 1;
        return true;
    });
    return v;
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

} // namespace coco
