#include "admin/metrics_text.hpp"
#include "admin/routes.hpp"

#include <map>
#include <numeric>
#include <set>

namespace angod::admin {

namespace {

std::uint64_t resident(const PluginView &plugin) {
    return std::accumulate(plugin.hosts.begin(), plugin.hosts.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const HostView &host) { return sum + host.resident_bytes; });
}

void write(MetricsText &out, const StatusView &status) {
    out.family("angod_build_info", "gauge", "The version of angod that runs; always 1.");
    out.sample({{"version", status.version}}, std::uint64_t{1});
    out.family("angod_uptime_seconds", "gauge", "Time since angod started, also asleep.");
    out.sample({}, static_cast<std::uint64_t>(status.uptime_s));
    out.family("process_start_time_seconds", "gauge", "When angod started, in seconds since 1970.");
    out.sample({}, static_cast<double>(status.started_ms) / 1000);
    out.family("process_resident_memory_bytes", "gauge", "Resident memory of angod, without its hosts.");
    out.sample({}, status.resident_bytes);
    out.family("process_open_fds", "gauge", "File descriptors that angod has in use.");
    out.sample({}, status.descriptors);
    out.family("process_max_fds", "gauge", "File descriptors that the system allows angod; 0: no limit.");
    out.sample({}, status.descriptor_limit);
    out.family("angod_log_lines_dropped_total", "counter", "Lines of the log that stderr did not take.");
    out.sample({}, status.log_lines_dropped);
    out.family("angod_event_loop_longest_stall_seconds", "gauge",
               "The longest time that the event loop was held up since angod started.");
    out.sample({}, static_cast<double>(status.loop.longest_stall_ms) / 1000);
    out.family("angod_event_loop_stalls_total", "counter", "Times that the event loop was held up for over 200 ms.");
    out.sample({}, status.loop.long_stalls);
    out.family("angod_hub_calls_total", "counter", "Calls of Hub's REST API by jobs and for REST plugins.");
    out.sample({}, status.hub_calls);
    out.family("angod_hub_calls_refused_total", "counter", "Calls that Hub refused because a key had made too many.");
    out.sample({}, status.hub_calls_refused);
    out.family("angod_hub_calls_waiting", "gauge", "Calls that wait, so that Hub need not refuse them.");
    out.sample({}, status.hub_calls_waiting);
}

/// One series for each plugin.
template <class Value>
void family(MetricsText &out, const std::vector<PluginView> &plugins, std::string_view name, std::string_view type,
            std::string_view help, const Value &value) {
    out.family(name, type, help);
    for (const PluginView &plugin : plugins) out.sample({{"plugin", plugin.name}}, std::uint64_t{value(plugin)});
}

void write(MetricsText &out, const std::vector<PluginView> &plugins) {
    using View = const PluginView &;
    family(out, plugins, "angod_plugin_live", "gauge",
           "1 if the plugin is live: green in Hub, if id and secret are right; else 0.",
           [](View plugin) { return plugin.state == PluginState::live ? 1u : 0u; });
    out.family("angod_plugin_state", "gauge", "1 for the state that the plugin is in.");
    for (const PluginView &plugin : plugins)
        out.sample({{"plugin", plugin.name}, {"state", name_of(plugin.state)}}, std::uint64_t{1});
    family(out, plugins, "angod_plugin_confirmed", "gauge",
           "1 if Hub has shown that the plugin's id and secret are right; else 0.",
           [](View plugin) { return plugin.confirmed ? 1u : 0u; });
    family(out, plugins, "angod_plugin_connects_total", "counter", "How often the plugin became live.",
           [](View plugin) { return plugin.connects; });
    family(out, plugins, "angod_plugin_reconnects_total", "counter", "How often the plugin became live again.",
           [](View plugin) { return plugin.connects > 0 ? plugin.connects - 1 : 0; });

    out.family("angod_jobs", "gauge", "Open jobs; answering: done, but not delivered yet.");
    for (const PluginView &plugin : plugins) {
        out.sample({{"plugin", plugin.name}, {"state", "queued"}}, plugin.queued);
        out.sample({{"plugin", plugin.name}, {"state", "running"}}, plugin.running);
        out.sample({{"plugin", plugin.name}, {"state", "answering"}}, plugin.answering);
    }
    family(out, plugins, "angod_answers_waiting", "gauge",
           "Answers that Hub has not confirmed yet, also those to runs that were turned away.",
           [](View plugin) { return plugin.answers_waiting; });
    out.family("angod_jobs_finished_total", "counter",
               "Jobs that have ended, with their answer delivered or given up.");
    for (const PluginView &plugin : plugins) {
        out.sample({{"plugin", plugin.name}, {"outcome", "done"}}, plugin.counts.done);
        out.sample({{"plugin", plugin.name}, {"outcome", "failed"}}, plugin.counts.failed);
        out.sample({{"plugin", plugin.name}, {"outcome", "cancelled"}}, plugin.counts.cancelled);
    }
    family(out, plugins, "angod_answers_given_up_total", "counter",
           "Answers that Hub will never take, and that are not sent any more.",
           [](View plugin) { return plugin.counts.answers_given_up; });
    out.family("angod_run_duration_seconds", "histogram",
               "How long hosts worked on jobs; one that is repeated counts each time.");
    for (const PluginView &plugin : plugins) out.sample("plugin", plugin.name, plugin.counts.runs);

    family(out, plugins, "angod_hosts", "gauge", "Host processes.",
           [](View plugin) { return std::uint64_t{plugin.hosts.size()}; });
    family(out, plugins, "angod_hosts_resident_memory_bytes", "gauge",
           "Resident memory of the plugin's hosts, together.", [](View plugin) { return resident(plugin); });
}

void write(MetricsText &out, const std::vector<ModuleView> &modules) {
    // Files that cannot be used may share an id, and one may be shown with two.
    std::map<std::string, const ModuleView *> by_id;
    std::map<std::string, std::uint64_t> refused;
    std::set<std::string> seen;
    for (const ModuleView &module : modules) {
        const ModuleView *&shown = by_id[module.id];
        if (!shown || module.generation > 0) shown = &module;
        for (const ModuleFileView &file : module.files)
            if ((file.state == "rejected" || file.state == "quarantined") && seen.insert(file.file).second)
                ++refused[module.id];
    }
    out.family("angod_module_generation", "gauge", "The generation of the module that serves; 0: none.");
    for (const auto &[id, module] : by_id) out.sample({{"module", id}}, module->generation);
    out.family("angod_module_refused_files", "gauge", "Files that bear the module's id, or name, and are not used.");
    for (const auto &[id, module] : by_id) out.sample({{"module", id}}, refused[id]);
    out.family("angod_host_crashes_total", "counter", "Hosts of the module that died, with a job or without.");
    for (const auto &[id, module] : by_id) out.sample({{"module", id}}, module->host_crashes);
}

} // namespace

std::string metrics_text(const StatusView &status, const std::vector<PluginView> &plugins,
                         const std::vector<ModuleView> &modules) {
    MetricsText out;
    write(out, status);
    write(out, plugins);
    write(out, modules);
    return out.take();
}

} // namespace angod::admin
