// A run as a host is asked for it: used by angod for Hub's runs, and by `angoctl run`. Pure.
#pragma once

#include "base/proxy.hpp"
#include "base/result.hpp"
#include "host_protocol/kind.hpp"
#include "host_protocol/messages.hpp"
#include "host_protocol/run_limits.hpp"
#include "supervisor/module_info.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace angod::supervisor {

/// The kind that a module is used with. wanted: the name of a kind; empty: the module's only one is meant. option: how
/// the user names a kind, for the error.
Result<PluginKind> choose_kind(const ModuleInfo &module, std::string_view wanted, std::string_view option);

/// The values that all runs of a plugin have in common.
struct RunSettings {
    std::string plugin;           ///< name
    std::string api_url, ca_file; ///< of Hub's REST API
    ProxyRules proxies;
    host_protocol::RunLimits limits;
};

/// The first attempt of a run without a checkpoint. scratch: a folder that the host makes and removes.
host_protocol::RunJob make_run_request(const RunSettings &settings, std::string job, std::string event,
                                       const std::filesystem::path &scratch);

} // namespace angod::supervisor
