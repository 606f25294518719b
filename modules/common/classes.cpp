#include "common/classes.hpp"

#include "common/text.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>

namespace ango::common {

namespace {

/// More schemaIds of one title than any project has; they come from the input.
constexpr std::size_t kMostIds = 1000;

void remember_id(Classes::Class &to, std::string_view schema_id) {
    std::vector<std::string> &ids = to.schema_ids;
    if (schema_id.empty() || ids.size() >= kMostIds) return;
    if (std::find(ids.begin(), ids.end(), schema_id) == ids.end()) ids.emplace_back(schema_id);
}

} // namespace

void Classes::pin(const std::vector<std::string> &names) {
    pinned_ = true;
    for (const std::string &name : names) {
        if (by_key_.contains(name) || pinned_names_.same(name)) continue; // the first of names that look the same
        add(name, name, {}, true);
        pinned_names_.add(name);
    }
}

/// The class of the list whose name looks the same.
std::optional<std::uint32_t> Classes::find_pinned(std::string_view name) {
    constexpr std::size_t kMostWarnings = 5;
    const auto found = pinned_names_.find(name);
    if (!found) return std::nullopt;
    if (found->difference != Difference::letter_case) return static_cast<std::uint32_t>(found->index);
    if (warnings_.size() < kMostWarnings)
        warnings_.push_back("The class " + quote(name.substr(0, 100)) + " of the export was left out. The class " +
                            quote(pinned_names_[found->index].substr(0, 100)) +
                            " of option \"class_list\" differs from it only " + std::string(said(*found->difference)) +
                            ".");
    return std::nullopt;
}

bool Classes::add_ontology(const Json &schema, const std::function<bool(std::string_view)> &wanted) {
    const Json *tools = schema.IsObject() ? array_or_null(find(&schema, "tools")) : array_or_null(&schema);
    if (!tools) return false;
    bool any = false;
    for (const Json &tool : tools->GetArray()) {
        const std::string_view shape = text_of(find(&tool, "tool"));
        const std::string_view schema_id = text_of(find(&tool, "schemaId"));
        std::string_view title = text_of(find(&tool, "title"));
        if (title.empty()) title = schema_id;
        const std::string_view key = key_ == ClassKey::title || schema_id.empty() ? title : schema_id;
        if (key.empty() || (!shape.empty() && !wanted(shape))) continue;
        any = true;
        const auto known = by_key_.find(std::string(key));
        if (known != by_key_.end())
            remember_id(classes_[known->second], schema_id);
        else if (!pinned_)
            add(key, title, schema_id, true);
        else if (const auto same = pinned_names_.same(key))
            remember_id(classes_[*same], schema_id);
    }
    return any;
}

std::uint32_t Classes::add(std::string_view key, std::string_view title, std::string_view schema_id, bool listed) {
    const auto index = static_cast<std::uint32_t>(classes_.size());
    Class &made = classes_.emplace_back();
    made.title = title;
    made.listed = listed;
    if (!schema_id.empty()) made.schema_ids.emplace_back(schema_id);
    keys_.emplace_back(key);
    by_key_.emplace(key, index);
    return index;
}

std::optional<std::uint32_t> Classes::find_or_add(std::string_view title, std::string_view schema_id) {
    lookup_.assign(schema_id);
    lookup_ += '\0';
    lookup_ += title;
    const auto known = by_pair_.find(lookup_);
    if (known != by_pair_.end()) return known->second;

    if (title.empty() && schema_id.empty()) return std::nullopt;
    const std::string_view name = title.empty() ? schema_id : title;
    std::string key(key_ == ClassKey::title || schema_id.empty() ? name : schema_id);
    auto found = by_key_.find(key);
    if (found == by_key_.end() && pinned_) { // with class_key schemaId the list may name titles too
        key = name;
        found = by_key_.find(key);
        if (found == by_key_.end()) {
            const auto same = find_pinned(name);
            if (same) remember_id(classes_[*same], schema_id);
            return by_pair_.emplace(lookup_, same).first->second;
        }
    }
    const std::uint32_t index = found != by_key_.end() ? found->second : add(key, name, {}, false);
    remember_id(classes_[index], schema_id); // the pair is new, but the id may be known from another title
    by_pair_.emplace(lookup_, index);
    return index;
}

/// The name of each class in the result. With class_key schemaId several classes may share a title. The first by
/// schemaId (or by the list) keeps it, so that names do not depend on the order of the export.
std::vector<std::string> Classes::names() const {
    std::vector<std::uint32_t> order(classes_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        if (classes_[a].listed != classes_[b].listed) return classes_[a].listed;
        return !classes_[a].listed && keys_[a] < keys_[b];
    });
    std::vector<std::string> names(classes_.size());
    std::unordered_set<std::string> taken;
    for (const std::uint32_t index : order) {
        const Class &one = classes_[index];
        if (!one.used && !one.listed) continue;
        std::string name = one.title;
        if (!taken.insert(name).second) {
            name += '#' + keys_[index];
            taken.insert(name);
        }
        names[index] = std::move(name);
    }
    return names;
}

std::vector<Classes::Ordered> Classes::order() const {
    std::vector<std::string> names = this->names();
    std::vector<Ordered> result;
    for (std::uint32_t i = 0; i < classes_.size(); ++i)
        if (classes_[i].listed || classes_[i].used) result.push_back({i, std::move(names[i])});
    // Listed classes were added first and in their order; std::string compares bytes as unsigned.
    std::stable_sort(result.begin(), result.end(), [this](const Ordered &a, const Ordered &b) {
        const bool a_listed = classes_[a.index].listed;
        if (a_listed != classes_[b.index].listed) return a_listed;
        return !a_listed && a.name < b.name;
    });
    return result;
}

} // namespace ango::common
