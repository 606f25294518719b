// The parts of angod that all plugins share. Event loop only.
#pragma once

#include "app/counters.hpp"
#include "app/run.hpp"
#include "app/settings_check.hpp"
#include "config/config.hpp"
#include "connector/connector.hpp"
#include "hub/call_budget.hpp"
#include "jobs/queue.hpp"
#include "supervisor/host_pool.hpp"
#include "supervisor/modules.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>

namespace angod::app {

/// All of it outlives the plugins.
struct Shared {
    asio::any_io_executor executor;
    asio::thread_pool &pool;
    const config::Config &config;
    jobs::Store &store;
    jobs::Queue &queue;
    supervisor::HostPool &hosts;
    supervisor::Modules &modules;
    SettingsChecks &checks;
    Runs &runs;
    Counters &counters;
    hub::CallBudget &calls;
    connector::Connector *connector; ///< null: no plugin is called by Hub
    std::filesystem::path scratch;   ///< a folder for the folders of runs
};

} // namespace angod::app
