#include "supervisor/module_choice.hpp"

#include <algorithm>

namespace angod::supervisor {

namespace {

/// The first usable file of the last folder that has a usable file.
const Candidate *best_of(const std::vector<Candidate> &candidates) {
    const Candidate *best = nullptr;
    for (const Candidate &one : candidates)
        if (one.usable && (!best || one.folder > best->folder)) best = &one;
    return best;
}

bool has_later(const std::vector<Candidate> &candidates, const Candidate &than) {
    return std::any_of(candidates.begin(), candidates.end(),
                       [&](const Candidate &one) { return one.folder > than.folder; });
}

/// The file that has the serving content now, if the file of the serving version was renamed.
const Candidate *renamed(const std::vector<Candidate> &candidates, const Candidate &own, const Serving &serving) {
    if (!own.missing) return nullptr;
    const auto same = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate &one) {
        return one.usable && !one.missing && one.folder == own.folder && one.sha256 == serving.sha256;
    });
    return same == candidates.end() ? nullptr : &*same;
}

} // namespace

Choice choose(const std::vector<Candidate> &candidates, const std::optional<Serving> &serving) {
    Choice choice;
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [&](const Candidate &one) { return serving && one.source == serving->source; });
    const Candidate *own = found == candidates.end() ? nullptr : &*found;
    const Candidate *best = best_of(candidates);
    if (own && (!best || best->folder <= own->folder)) {
        choice.original = own;
        if (const Candidate *moved = renamed(candidates, *own, *serving))
            choice.file = choice.original = moved;
        else if (own->usable)
            choice.file = own;
        else
            choice.hold = true;
    } else if (serving && !own && !candidates.empty() && (!best || has_later(candidates, *best))) {
        choice.hold = true;
    } else {
        choice.file = choice.original = best;
    }
    if (!choice.original || choice.original->missing) return choice;
    for (const Candidate &one : candidates)
        if (one.usable && !one.missing && one.folder == choice.original->folder && &one != choice.original)
            choice.duplicates.push_back(&one);
    return choice;
}

} // namespace angod::supervisor
