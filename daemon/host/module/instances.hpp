// The plugins of this host, each with its instance of the module.
#pragma once

#include "base/result.hpp"
#include "host/module/loader.hpp"

#include <map>
#include <mutex>
#include <string>

namespace angod::host {

/// Calls create with a plugin's settings (a JSON object). The error is for the operator.
Result<ango_instance *> create_instance(const LoadedModule &module, const std::string &settings);

/// Thread-safe.
class Instances {
public:
    explicit Instances(const LoadedModule &module) : module_(module) {}

    /// Makes the instance of a plugin. kind: one of ANGO_KIND_…, or 0 for the module's only kind. The error is for the
    /// operator.
    Result<void> open(const std::string &plugin, std::uint64_t kind, const std::string &settings);

    struct Instance {
        ango_instance *instance = nullptr;
        PluginKind kind = PluginKind::input;
    };
    /// Returns null for an unknown plugin. The instance stays valid: instances are never removed.
    const Instance *find(const std::string &plugin) const;

private:
    const LoadedModule &module_;
    mutable std::mutex mutex_;
    std::map<std::string, Instance> instances_;
};

} // namespace angod::host
