// For the sources of this folder: the children of this process, and which of them are no orphans.
#pragma once

#include "base/async.hpp"

#include <boost/asio/execution_context.hpp>
#include <sys/types.h>

#include <memory>
#include <mutex>
#include <set>

namespace angod {

/// The children of this process that are no orphans. Any thread.
struct Children {
    /// Held from the start of a child until the child is added: before that it looks like an orphan.
    std::mutex starting;

    void add(pid_t child) {
        const std::lock_guard lock(mutex_);
        own_.insert(child);
    }
    void remove(pid_t child) {
        const std::lock_guard lock(mutex_);
        own_.erase(child);
    }
    bool contains(pid_t child) const {
        const std::lock_guard lock(mutex_);
        return own_.contains(child);
    }

private:
    mutable std::mutex mutex_;
    std::set<pid_t> own_; ///< hosts that are not reaped yet, and children that were there before
};

/// One for each event loop, made at its first use: asio::use_service<Orphans>(context). Event loop only.
class Orphans : public asio::execution_context::service {
public:
    using key_type = Orphans;
    static const asio::execution_context::id id;

    explicit Orphans(asio::execution_context &context) : asio::execution_context::service(context) {}
    /// Ends the last orphans, and waits up to two seconds until they are gone.
    ~Orphans() override;

    void adopt();
    /// Shared with the thread that starts hosts, which may outlast the event loop.
    const std::shared_ptr<Children> &children() const { return children_; }
    /// Kills all orphans. True: there were some, and their children may be orphans now; or a child is being started, and they
    /// must wait.
    bool end();
    /// Does so until there are none, for two seconds at most. The context outlives it.
    awaitable<void> end_all();

private:
    void shutdown() override {}

    const std::shared_ptr<Children> children_ = std::make_shared<Children>();
    bool adopting_ = false;
};

} // namespace angod
