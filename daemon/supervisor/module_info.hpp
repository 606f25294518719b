// The description of a module, as its host reports it.
#pragma once

#include "base/result.hpp"
#include "host_protocol/kind.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::supervisor {

struct ModuleInfo {
    std::string id, name, version, summary, abi;
    std::vector<PluginKind> kinds; ///< only those that this daemon knows
    bool concurrent = false;
    std::string descriptor; ///< the whole JSON text
};

/// descriptor: the JSON object of `angod-host inspect`.
Result<ModuleInfo> parse_module_info(std::string_view descriptor);

} // namespace angod::supervisor
