#include "supervisor/module_copies.hpp"

#include <algorithm>

namespace angod::supervisor {

void ModuleCopies::lend(const GenerationPtr &generation) {
    const auto is_it = [&](const auto &one) { return one.lock() == generation; };
    if (std::none_of(lent_.begin(), lent_.end(), is_it)) lent_.push_back(generation);
}

void ModuleCopies::tidy() {
    if (tidying_ != Tidying::none) {
        tidying_ = Tidying::once_more;
        return;
    }
    tidying_ = Tidying::under_way;
    spawn(executor_, "removal of copies", remove_unneeded());
}

awaitable<void> ModuleCopies::remove_unneeded() {
    while (tidying_ != Tidying::none) {
        co_await probe_.remove_copies_but([this] { return needed_now(); });
        tidying_ = tidying_ == Tidying::once_more ? Tidying::under_way : Tidying::none;
    }
}

std::set<std::filesystem::path> ModuleCopies::needed_now() {
    auto needed = needed_();
    std::erase_if(lent_, [](const auto &generation) { return generation.expired(); });
    for (const auto &generation : lent_)
        if (const auto held = generation.lock()) needed.insert(held->version.staged.parent_path());
    return needed;
}

} // namespace angod::supervisor
