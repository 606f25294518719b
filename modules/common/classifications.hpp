// Answers about objects and tasks (modules/FORMATS.md 1.7). They are nested to any depth, so the walk has a stack of
// its own instead of recursion.
#pragma once

#include "common/json.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace ango::common {

/// Visits every classification of list (an array or null) and those nested in it, parents first, in order.
/// visit(const Json &) -> bool: whether to go into the nested answers. Entries that are no objects are skipped.
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

/// The number of classifications at every depth.
inline std::uint64_t count_classifications(const Json *list) {
    std::uint64_t count = 0;
    walk_classifications(list, [&](const Json &) {
        ++count;
        return true;
    });
    return count;
}

/// The title, or the schemaId if there is no title; may be empty.
inline std::string_view classification_name(const Json &classification) {
    const std::string_view title = text_of(find(&classification, "title"));
    return title.empty() ? text_of(find(&classification, "schemaId")) : title;
}

} // namespace ango::common
