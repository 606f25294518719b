// One version of a module: the file that it came from, and the copy that hosts load.
#pragma once

#include "supervisor/module_info.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace angod::supervisor {

/// A module's code and its description.
struct ModuleVersion {
    std::filesystem::path source; ///< the file in a module folder
    std::filesystem::path staged; ///< the copy that is loaded; its content never changes
    std::string sha256;           ///< of the content, hex
    ModuleInfo info;
};

/// Never changes. Shared by its users: it stays valid after a newer generation has taken over.
struct Generation {
    std::uint64_t number = 0; ///< counts up for each module id
    ModuleVersion version;
};
using GenerationPtr = std::shared_ptr<const Generation>;

} // namespace angod::supervisor
