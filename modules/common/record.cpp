// One pass over the members of the record and of each task. Names without a use here are listed, so that only new members
// of Hub are reported as unknown.
//
// Wrong types are read as absent: a record fails only if it has no task.
#include "common/record.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ango::common {

namespace {

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

const Json *object_or_null(const Json &value) { return value.IsObject() ? &value : nullptr; }
const Json *non_empty_array_or_null(const Json &value) { return value.IsArray() && !value.Empty() ? &value : nullptr; }

bool says_something(const Json *value) {
    return value && !value->IsNull() && !(value->IsString() && text_of(value).empty());
}

/// v3: the stages that the task has left tell whether it was reviewed (FORMATS.md 1.9).
Review review_in_history(const Json &history) {
    if (!history.IsArray() || history.Empty()) return Review::unknown;
    for (const Json &stage : history.GetArray()) {
        if (says_something(find(&stage, "reviewStatus"))) return Review::reviewed;
        for (const char *key : {"stageId", "stage"})
            if (text_of(find(&stage, key)).starts_with("Review")) return Review::reviewed;
    }
    return Review::labelled;
}

/// v2: the members of "review" are empty until somebody has reviewed the task.
Review review_in_member(const Json &review) {
    for (const char *key : {"completedAt", "completedBy", "status"})
        if (says_something(find(&review, key))) return Review::reviewed;
    return Review::labelled;
}

Task read_task(const Json &value, UnknownMembers &unknown) {
    Task task;
    const Json *objects = nullptr;
    for (auto member = value.MemberBegin(); member != value.MemberEnd(); ++member) {
        const std::string_view name = text_of(&member->name);
        if (name == "taskId")
            task.id = text_of(&member->value);
        else if (name == "tools")
            task.tools = array_or_null(&member->value);
        else if (name == "objects")
            objects = array_or_null(&member->value);
        else if (name == "classifications")
            task.classifications = array_or_null(&member->value);
        else if (name == "relations")
            task.relations = array_or_null(&member->value);
        else if (name == "brushDataUrl")
            task.brush_url = text_of(&member->value);
        else if (name == "isSkipped")
            task.skipped = member->value.IsTrue();
        else if (name == "stageHistory")
            task.review = review_in_history(member->value);
        else if (name == "review")
            task.review = review_in_member(member->value);
        else if (!one_of(name, {"stage", "stageId", "updatedAt", "updatedBy", "totalDuration", "medicalBrushDataUrl",
                                "consensusAverage", "consensusDetailed", "issues", "completedBy", "completedAt",
                                "duration(ms)", "duration", "status", "isBenchmark", "benchmark"}))
            unknown.met(name);
    }
    if (!task.tools) task.tools = objects;
    return task;
}

} // namespace

void UnknownMembers::met(std::string_view name) {
    if (names_.find(name) == names_.end() && names_.size() < kMost) names_.emplace(name.substr(0, 100));
}

std::string UnknownMembers::some() const {
    constexpr std::size_t kNamed = 10;
    std::string text;
    std::size_t named = 0;
    for (const std::string &name : names_) {
        if (named++ == kNamed) return text + ", ...";
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

std::optional<std::string> Record::read(const Json &root, UnknownMembers &unknown) {
    asset_url = external_id = {};
    metadata = dataset = batches = nullptr;
    has_frames = false;
    tasks.clear();
    if (!root.IsObject()) return "is " + brief_json(root) + ", not an asset record";

    const Json *task = nullptr;
    const Json *task_list = nullptr;
    bool reviewed = false;
    for (auto member = root.MemberBegin(); member != root.MemberEnd(); ++member) {
        const std::string_view name = text_of(&member->name);
        if (name == "asset")
            asset_url = text_of(&member->value);
        else if (name == "externalId")
            external_id = text_of(&member->value);
        else if (name == "metadata")
            metadata = object_or_null(member->value);
        else if (name == "dataset")
            dataset = non_empty_array_or_null(member->value);
        else if (name == "batches")
            batches = array_or_null(&member->value);
        else if (name == "task")
            task = object_or_null(member->value);
        else if (name == "tasks")
            task_list = array_or_null(&member->value);
        else if (name == "reviewedAt")
            reviewed = says_something(&member->value);
        else if (!one_of(name, {"assetId", "contextData", "labeledAt", "status", "labelDuration(ms)", "labelDuration",
                                "consensus"}))
            unknown.met(name);
    }
    if (task) {
        tasks.push_back(read_task(*task, unknown));
    } else if (task_list) {
        for (const Json &one : task_list->GetArray())
            if (one.IsObject()) tasks.push_back(read_task(one, unknown));
        if (reviewed)
            for (Task &one : tasks) one.review = Review::reviewed;
    }
    if (tasks.empty()) return "has no task";
    has_frames = positive_number(find(metadata, "frameTotal")).has_value();
    return std::nullopt;
}

std::optional<double> positive_number(const Json *value) {
    std::optional<double> number = finite_number(value);
    if (value && value->IsString()) {
        const std::string_view text = text_of(value);
        double parsed = 0;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), parsed);
        if (result.ec == std::errc() && result.ptr == text.data() + text.size() && std::isfinite(parsed))
            number = parsed;
    }
    return number && *number > 0 ? number : std::nullopt;
}

Size size_in_metadata(const Json *metadata) {
    constexpr double kLargestSide = 1e12; // far above any image; such numbers stay exact
    const std::optional<double> width = positive_number(find(metadata, "width"));
    const std::optional<double> height = positive_number(find(metadata, "height"));
    if (!width || !height || *width > kLargestSide || *height > kLargestSide) return {};
    const auto whole = [](double side) { return static_cast<std::uint64_t>(std::max(1.0, std::round(side))); };
    return {whole(*width), whole(*height)};
}

} // namespace ango::common
