#include "app/views.hpp"

#include "base/clock.hpp"
#include "base/descriptors.hpp"
#include "base/log.hpp"
#include "base/own_process.hpp"

namespace angod::app {

namespace {

const char *name_of(supervisor::FileState state) {
    switch (state) {
        case supervisor::FileState::unseen: return "being tried";
        case supervisor::FileState::ready: return "ready";
        case supervisor::FileState::duplicate:
        case supervisor::FileState::rejected: return "rejected";
        case supervisor::FileState::quarantined: return "quarantined";
    }
    return "";
}

admin::ModuleView view_of(const supervisor::ModuleView &module) {
    admin::ModuleView view;
    view.id = module.id;
    for (const auto &file : module.files) {
        view.files.push_back({file.source.string(), file.sha256, name_of(file.state), file.reason});
        if (view.reason.empty()) view.reason = file.reason;
        if (!module.current) view.state = name_of(file.state);
    }
    for (const auto &one : module.generations)
        view.generations.push_back({one.number, one.sha256, one.version, one.since_ms, one.until_ms, one.ended});
    if (module.rollback_target) view.fallback_version = module.rollback_target->info.version;
    if (!module.current) return view;
    view.state = "ready";
    const auto &version = module.current->version;
    view.generation = module.current->number;
    view.name = version.info.name;
    view.version = version.info.version;
    view.summary = version.info.summary;
    view.abi = version.info.abi;
    for (const PluginKind kind : version.info.kinds) view.kinds.emplace_back(angod::name_of(kind));
    view.sha256 = version.sha256;
    view.file = module.source.string();
    return view;
}

} // namespace

admin::StatusView DaemonViews::status() const {
    admin::StatusView view;
    view.version = ANGOD_VERSION;
    view.state_dir = use_.state_dir.string();
    view.state = use_.lifecycle.state();
    view.pid = own_pid();
    view.started_ms = started_ms_;
    view.uptime_s = (since_boot_ms() - started_boot_ms_) / 1000;
    view.resident_bytes = own_resident();
    view.plugins = use_.plugins.all().size();
    for (const auto &[name, plugin] : use_.plugins.all()) view.live += plugin->is_live();
    view.hosts = use_.hosts.hosts();
    const auto counts = use_.queue.counts();
    view.queued = counts.queued;
    view.running = counts.running;
    view.answering = counts.answering;
    view.modules_ready = use_.modules.ready_count();
    view.modules_rejected = use_.modules.refused_count();
    view.log_lines_dropped = Log::dropped();
    view.hub_calls = use_.calls.calls();
    view.hub_calls_refused = use_.calls.refusals();
    view.hub_calls_waiting = use_.calls.waiting();
    if (use_.loop_watch) {
        const LoopStalls stalls = use_.loop_watch->stalls();
        view.loop = {stalls.longest.count(), stalls.longest_at_ms, stalls.count, stalls.where};
    }
    view.descriptors = descriptors_in_use();
    view.descriptor_limit = descriptor_limit();
    return view;
}

std::vector<admin::PluginView> DaemonViews::plugins() const {
    std::vector<admin::PluginView> views;
    for (const auto &[name, plugin] : use_.plugins.all()) views.push_back(plugin->view());
    return views;
}

bool DaemonViews::has_plugin(const std::string &name) const { return use_.plugins.all().contains(name); }

std::optional<admin::RecordingView> DaemonViews::recording(const std::string &name, std::size_t since) const {
    const auto &all = use_.plugins.all();
    const auto found = all.find(name);
    if (found == all.end()) return std::nullopt;
    return found->second->recording().view(std::chrono::steady_clock::now(), since);
}

std::vector<admin::ModuleView> DaemonViews::modules() const {
    std::vector<admin::ModuleView> views;
    for (const auto &module : use_.modules.views()) {
        views.push_back(view_of(module));
        views.back().host_crashes = use_.counters.crashes_of(module.id);
    }
    return views;
}

} // namespace angod::app
