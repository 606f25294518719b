// Reading the configuration again while angod runs: on SIGHUP, or at the wish of an operator. Event loop only.
#pragma once

#include "app/lifecycle.hpp"
#include "app/plugins.hpp"
#include "base/async.hpp"
#include "config/config.hpp"
#include "connector/connector.hpp"
#include "hub/call_budget.hpp"
#include "jobs/queue.hpp"

#include <functional>

namespace angod::app {

/// Reads the files of the configuration. Any thread.
using LoadConfig = std::function<config::Loaded()>;

/// Tells the service manager that angod runs, and with how many plugins.
void announce_ready(const Plugins &plugins);

class Reload {
public:
    /// All of it outlives the reload.
    struct Neighbours {
        asio::any_io_executor executor;
        Lifecycle &lifecycle;
        config::Config &config; ///< its plugins are those of the last change
        Plugins &plugins;
        jobs::Queue &queue;
        hub::CallBudget &calls;
        connector::Connector *connector; ///< null: nothing listens
    };
    Reload(LoadConfig load, Neighbours neighbours) : load_(std::move(load)), use_(std::move(neighbours)) {}

    /// Takes over what the changed files say, as a whole or not at all. Waits until angod has started. During another
    /// reload it is an error.
    awaitable<Result<void>> reload();
    /// A SIGHUP during a reload causes one more reload afterwards, however many there were.
    void on_signal();

private:
    //  idle       --reload, signal-->  reloading
    //  reloading  --signal---------->  repeating     reloading  --end-->  idle
    //  repeating  --signal---------->  repeating     repeating  --end-->  reloading
    enum class Phase { idle, reloading, repeating };

    awaitable<void> reload_on_signal();
    awaitable<Result<void>> take_over_changes();
    Result<void> check_connector(const config::Config &next) const;
    void end();

    const LoadConfig load_;
    const Neighbours use_;
    Phase phase_ = Phase::idle;
};

} // namespace angod::app
