// The kind of a plugin, and what follows from it: whether it is eager, how many runs it works on at a time. Pure.
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

/// Users who wait for a short answer need not wait for each other, if one host can serve them all.
inline std::int64_t runs_at_a_time(const config::Plugin &plugin, PluginKind kind, bool concurrent_module) {
    constexpr std::int64_t kSideBySide = 16;
    const bool waited_for = kind == PluginKind::input || kind == PluginKind::file_explorer || kind == PluginKind::model;
    return plugin.concurrency.value_or(concurrent_module && waited_for ? kSideBySide : 1);
}

} // namespace angod::app
