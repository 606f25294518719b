#include "app/module_histories.hpp"

#include <utility>

namespace angod::app {

void ModuleHistories::save(std::string id, std::string history) {
    const bool is_first = unsaved_.insert_or_assign(id, std::move(history)).second;
    if (is_first) spawn(executor_, "module history", save_until_kept(std::move(id)));
}

awaitable<void> ModuleHistories::save_until_kept(std::string id) {
    bool told = false;
    while (unsaved_.contains(id)) {
        const std::string text = unsaved_[id];
        const auto kept = co_await store_.keep_module_history(id, text);
        if (kept && unsaved_[id] == text) unsaved_.erase(id);
        if (kept) continue;
        if (!std::exchange(told, true))
            Log().error("cannot save the history of module {}; will retry: {}", id, kept.error().text);
        co_await pause(retry_);
    }
}

} // namespace angod::app
