// angod as a whole: builds everything in the order of dependence, starts it, and stops it in reverse.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <functional>

namespace angod::app {

/// Reads the configuration again.
using LoadConfig = std::function<config::Loaded()>;

/// Runs until SIGTERM, SIGINT or the admin API ends it. An error means that it could not start.
/// host_program: angod-host.
Result<void> run_daemon(config::Config config, LoadConfig load, const std::filesystem::path &host_program);

} // namespace angod::app
