// The kind of a plugin, and whether it is eager. Pure.
#pragma once

#include "config/config.hpp"
#include "supervisor/generation.hpp"
#include "supervisor/run_request.hpp"

namespace angod::app {

/// The kind that the plugin has with this generation of its module. The error says why it can have none.
inline Result<PluginKind> kind_of_plugin(const config::Plugin &plugin, const supervisor::Generation &generation) {
    const std::string_view configured = plugin.kind ? name_of(*plugin.kind) : "";
    return supervisor::choose_kind(generation.version.info, configured, "\"kind\"");
}

/// The plugin is to have a host at all times: somebody waits for the answer to each of its runs.
inline bool is_eager(const config::Plugin &plugin, PluginKind kind) {
    return plugin.eager.value_or(kind == PluginKind::model);
}

} // namespace angod::app
