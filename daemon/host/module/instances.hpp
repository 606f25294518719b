// The plugins of this host, each with the instance that the module made for it.
#pragma once

#include "base/result.hpp"
#include "host/module/loader.hpp"

#include <map>
#include <mutex>
#include <string>

namespace angod::host {

/// What create makes of a plugin's settings (a JSON object). The error is for the operator.
Result<ango_instance *> create_instance(const LoadedModule &module, const std::string &settings);

/// Thread-safe.
class Instances {
public:
    explicit Instances(const LoadedModule &module) : module_(module) {}

    /// kind: of ANGO_KIND_…; 0: the module's only one. The error is for the operator.
    Result<void> open(const std::string &plugin, std::uint64_t kind, const std::string &settings);

    struct Instance {
        ango_instance *instance = nullptr;
        PluginKind kind = PluginKind::input;
    };
    const Instance *find(const std::string &plugin) const;

private:
    const LoadedModule &module_;
    mutable std::mutex mutex_;
    std::map<std::string, Instance> instances_;
};

} // namespace angod::host
