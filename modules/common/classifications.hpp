// Answers on objects and tasks (formats.md 1.7): nested to any depth, so walked with a stack of our own.
#pragma once

#include "json.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace ango::convert {

/// Visits every classification of list (an array or null) and those nested in it, parents first, in order.
/// visit(const Json &) -> bool: whether to go into its nested answers. Entries that are no objects are passed over.
template <class Visit> void walk_classifications(const Json *list, const Visit &visit) {
    if (!list || !list->IsArray() || list->Empty()) return;
    std::vector<std::pair<const Json *, unsigned>> open{{list, 0}}; // array, next index
    while (!open.empty()) {
        auto &[array, next] = open.back();
        if (next == array->Size()) {
            open.pop_back();
            continue;
        }
        const Json &one = (*array)[next++];
        if (!one.IsObject() || !visit(one)) continue;
        if (const Json *nested = array_or_null(find(&one, "classifications"))) open.emplace_back(nested, 0);
    }
}

/// How many there are, at every depth.
inline std::uint64_t count_classifications(const Json *list) {
    std::uint64_t count = 0;
    walk_classifications(list, [&](const Json &) {
        ++count;
        return true;
    });
    return count;
}

/// Title, or where it is missing schemaId; may be empty.
inline std::string_view classification_name(const Json &classification) {
    const std::string_view title = text_of(find(&classification, "title"));
    return title.empty() ? text_of(find(&classification, "schemaId")) : title;
}

} // namespace ango::convert
