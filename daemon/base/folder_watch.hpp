// Tells that something happened in folders. What it was, the caller finds out by looking: notifications get lost, and
// some file systems give none, so whoever watches also looks now and then.
#pragma once

#include "base/async.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace angod {

/// Event loop only.
class FolderWatch {
public:
    explicit FolderWatch(const asio::any_io_executor &executor);
    ~FolderWatch();

    /// Watches a folder, if it is there and the system can. Again is harmless, and needed once a folder has come anew.
    void add(const std::filesystem::path &folder);
    /// True when something happened since the last call, at the latest at the deadline or after wake.
    awaitable<bool> wait(std::chrono::steady_clock::time_point deadline);
    /// Ends a wait that is under way, or the next.
    void wake();
    /// Whether somebody has written to the file a short while ago and has not closed it since, as far as is known.
    bool being_written(const std::filesystem::path &file) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace angod
