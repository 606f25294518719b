// angod --check-config: everything that a start would need, without starting. It blocks.
#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace angod::app {

/// Sentences for the operator, without secrets.
struct StartFindings {
    std::vector<std::string> problems; ///< a start fails with it, or a plugin cannot work
    std::vector<std::string> warnings;
    std::vector<std::string> notes;
};

/// Looks at ids and secrets, authorities, folders, the store, the listener and the admin socket, and makes an instance of each
/// plugin's module with the plugin's settings, each in a process of its own. Reports all findings. Changes nothing that
/// stays. Of an angod that runs with this state_dir, it says so, and does not try what that one holds. Call it on a thread
/// without an event loop.
StartFindings check_start(const config::Config &config, const std::filesystem::path &host_program);

} // namespace angod::app
