#include "supervisor/module_copies.hpp"

#include <algorithm>
#include <string>
#include <system_error>

namespace angod::supervisor {

namespace {

/// A folder with a copy, or what is left of one. Nothing else in the staging folder belongs to angod.
bool is_copy(const std::filesystem::path &folder) {
    const std::string name = folder.stem().string();
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

void ModuleCopies::lend(const GenerationPtr &generation) {
    const auto is_it = [&](const auto &one) { return one.lock() == generation; };
    if (std::none_of(lent_.begin(), lent_.end(), is_it)) lent_.push_back(generation);
}

void ModuleCopies::remove_all_but(std::set<std::filesystem::path> needed) {
    std::erase_if(lent_, [](const auto &generation) { return generation.expired(); });
    for (const auto &generation : lent_)
        if (const auto held = generation.lock()) needed.insert(held->version.staged.parent_path());
    std::error_code failed;
    std::vector<std::filesystem::path> unneeded;
    for (std::filesystem::directory_iterator entry(probe_.staging(), failed), end; !failed && entry != end;
         entry.increment(failed))
        if (is_copy(entry->path()) && !needed.contains(entry->path())) unneeded.push_back(entry->path());
    probe_.discard(unneeded);
}

} // namespace angod::supervisor
