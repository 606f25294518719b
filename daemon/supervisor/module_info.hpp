// A module's own description, as a host reports it.
#pragma once

#include "base/result.hpp"
#include "host_protocol/kind.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::supervisor {

struct ModuleInfo {
    std::string id, name, version, summary, abi;
    std::vector<PluginKind> kinds; ///< those this daemon knows
    bool concurrent = false;
    std::string descriptor; ///< all of it, as the host reported it
};

/// descriptor: the JSON object of `angod-host inspect`.
Result<ModuleInfo> parse_module_info(std::string_view descriptor);

} // namespace angod::supervisor
