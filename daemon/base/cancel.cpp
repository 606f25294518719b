#include "base/cancel.hpp"

#include <utility>

namespace angod {

void CancelToken::cancel() {
    {
        const std::lock_guard lock(mutex_);
        if (cancelled_.exchange(true)) return;
    }
    changed_.notify_all();
    const std::lock_guard lock(callback_mutex_);
    if (callback_) std::exchange(callback_, nullptr)();
}

bool CancelToken::wait_for(std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return cancelled(); });
}

void CancelToken::on_cancel(std::function<void()> callback) {
    const std::lock_guard lock(callback_mutex_);
    callback_ = std::move(callback);
    if (callback_ && cancelled()) std::exchange(callback_, nullptr)();
}

} // namespace angod
