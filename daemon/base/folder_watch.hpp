// Tells that something happened in a folder, but not what: the caller looks itself. Notifications get lost, and some file
// systems give none, so the caller must also look now and then.
#pragma once

#include "base/async.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

namespace angod {

/// Event loop only.
class FolderWatch {
public:
    explicit FolderWatch(const asio::any_io_executor &executor);
    ~FolderWatch();

    /// A function that watches a folder from then on, if it exists and the system can. Any thread may call it, also after the
    /// end of the watch, and it may take as long as the file system wants. It may be called again for a folder, and must be when the
    /// folder has been removed and made again.
    std::function<void(const std::filesystem::path &folder)> adder() const;
    /// True when something happened since the last call, at the latest at the deadline or after wake.
    awaitable<bool> wait(std::chrono::steady_clock::time_point deadline);
    /// Ends a wait that is under way, or the next.
    void wake();
    /// Whether a process has written to the file a short while ago and has not closed it since, as far as is known.
    bool being_written(const std::filesystem::path &file) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace angod
