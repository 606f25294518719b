// Whether Hub has shown that it takes the id and the secret of a plugin.
//
// A connection with a wrong secret looks like any other: Hub accepts it, and its light stays red. The first run that Hub
// sends is the proof. It holds for this id and secret, so it is kept in the store.
#pragma once

#include "base/async.hpp"
#include "base/log.hpp"
#include "jobs/store.hpp"

#include <string>

namespace angod::app {

/// Event loop only.
class Confirmation {
public:
    /// store outlives it. log: of the plugin.
    Confirmation(asio::any_io_executor executor, jobs::Store &store, const std::string &id, const std::string &secret,
                 Log log);

    /// Finds out whether Hub has shown it before.
    awaitable<void> load();
    /// Hub has sent a run, or called the plugin with its secret.
    void seen();
    bool confirmed() const { return confirmed_; }

private:
    static awaitable<void> keep(jobs::Store &store, std::string fact, Log log);

    asio::any_io_executor executor_;
    jobs::Store &store_;
    const std::string fact_;
    const Log log_;
    bool confirmed_ = false;
};

} // namespace angod::app
