// angod as a whole: builds everything in the order of dependence, starts it, and stops it in reverse.
#pragma once

#include "app/reload.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

#include <filesystem>

namespace angod::app {

/// Runs until SIGTERM, SIGINT or the admin API ends it. An error means that it could not start; if it is invalid, another
/// start cannot help, because what is on the disk must change first.
/// host_program: angod-host.
Result<void> run_daemon(config::Config config, LoadConfig load, const std::filesystem::path &host_program);

} // namespace angod::app
