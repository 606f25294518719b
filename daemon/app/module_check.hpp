// The modules of a configuration, tried as a start would try them.
#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace angod::app {

/// Sentences for the operator, without secrets.
struct ModuleFindings {
    std::vector<std::string> problems; ///< of plugins that cannot work
    std::vector<std::string> warnings; ///< of files that no plugin needs
};

/// Copies each file of the module folders aside, has a host load it, and has another host make an instance for each plugin.
/// The copies are removed. Runs an event loop of its own; it blocks.
ModuleFindings check_modules(const config::Config &config, const std::filesystem::path &host_program);

/// Removes the copies of modules that a check which was interrupted has left in the folder, an hour ago or earlier. Blocks.
void remove_old_checks(const std::filesystem::path &state_dir);

} // namespace angod::app
