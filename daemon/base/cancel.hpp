// Tells blocking work in a host that it should stop.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace angod {

/// Thread-safe. Once cancelled it stays so.
class CancelToken {
public:
    bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
    /// Wakes every wait, and calls the callback on the caller's thread.
    void cancel();
    /// Waits for the time to pass; true as soon as the token is cancelled.
    bool wait_for(std::chrono::milliseconds time) const;
    /// One callback at a time; an empty one removes it. When this returns the old one is not running and will
    /// not run. A callback set after the cancel is called at once. Not from inside the callback.
    void on_cancel(std::function<void()> callback);

private:
    std::atomic<bool> cancelled_{false};
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::mutex callback_mutex_; ///< held while the callback runs
    std::function<void()> callback_;
};

} // namespace angod
