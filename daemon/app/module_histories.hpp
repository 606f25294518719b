// Saves the histories of modules, so that the next angod knows what has served and what crashed. Event loop only.
#pragma once

#include "base/async.hpp"
#include "jobs/store.hpp"

#include <chrono>
#include <map>
#include <string>

namespace angod::app {

class ModuleHistories {
public:
    /// store: outlives it. retry: the pause after a failure of the disk.
    ModuleHistories(asio::any_io_executor executor, jobs::Store &store,
                    std::chrono::milliseconds retry = std::chrono::seconds(5))
        : executor_(std::move(executor)), store_(store), retry_(retry) {}

    /// Saves the last history of the module as soon as the disk takes it.
    void save(std::string id, std::string history);

private:
    awaitable<void> save_until_kept(std::string id);

    asio::any_io_executor executor_;
    jobs::Store &store_;
    const std::chrono::milliseconds retry_;
    std::map<std::string, std::string> unsaved_; ///< by module id
};

} // namespace angod::app
