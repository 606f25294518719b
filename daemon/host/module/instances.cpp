#include "host/module/instances.hpp"

#include "host/module/call_module.hpp"
#include "host/module/create_failure.hpp"
#include "host/module/services.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

Result<ango_instance *> create_instance(const LoadedModule &module, const std::string &settings) {
    const CreateFailure failure;
    const ango_str text{settings.data(), settings.size()};
    ango_instance *instance = nullptr;
    const auto status =
        call_module("create", [&] { return module.descriptor->create(&host_table(), &text, &instance); });
    if (!status) return status.error();
    if (*status == ANGO_OK) return instance;
    const std::string why = failure.text();
    return error(Code::invalid,
                 why.empty() ? fmt::format("the module's create failed with status {} and gave no reason", *status)
                             : why);
}

Result<void> Instances::open(const std::string &plugin, std::uint64_t kind, const std::string &settings) {
    const auto wanted = std::find_if(module_.kinds.begin(), module_.kinds.end(),
                                     [&](PluginKind k) { return kind == 0 || static_cast<std::uint64_t>(k) == kind; });
    if (wanted == module_.kinds.end())
        return error(Code::invalid, fmt::format("the module {} does not serve this plugin kind", module_.id));
    const auto instance = create_instance(module_, settings);
    if (!instance) return instance.error();
    const std::lock_guard lock(mutex_);
    instances_[plugin] = {*instance, *wanted};
    return {};
}

const Instances::Instance *Instances::find(const std::string &plugin) const {
    const std::lock_guard lock(mutex_);
    const auto found = instances_.find(plugin);
    return found == instances_.end() ? nullptr : &found->second;
}

} // namespace angod::host
