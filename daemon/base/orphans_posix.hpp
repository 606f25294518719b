// For the sources of this folder: the children of this process that are no orphans.
#pragma once

#include "base/async.hpp"

#include <boost/asio/execution_context.hpp>
#include <sys/types.h>

#include <set>
#include <vector>

namespace angod {

/// One for each event loop, made at its first use: asio::use_service<Orphans>(context). Event loop only.
class Orphans : public asio::execution_context::service {
public:
    using key_type = Orphans;
    static const asio::execution_context::id id;

    explicit Orphans(asio::execution_context &context) : asio::execution_context::service(context) {}
    /// Ends the last orphans, and waits up to two seconds until they are gone.
    ~Orphans() override;

    void adopt();
    void add(pid_t child) { own_.insert(child); }
    void remove(pid_t child) { own_.erase(child); }
    /// Kills all orphans. True: there were some, and their children may be orphans now.
    bool end();
    /// Does so until there are none, for two seconds at most. The context outlives it.
    awaitable<void> end_all();

private:
    void shutdown() override {}

    std::set<pid_t> own_; ///< hosts that are not reaped yet, and children that were there before
    bool adopting_ = false;
};

} // namespace angod
