#include "app/module_views.hpp"

namespace angod::app {

namespace {

const char *name_of(supervisor::FileState state) {
    switch (state) {
        case supervisor::FileState::unseen: return "looked at";
        case supervisor::FileState::ready: return "ready";
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

std::vector<admin::ModuleView> module_views(const supervisor::Modules &modules, const Counters &counters) {
    std::vector<admin::ModuleView> views;
    for (const auto &module : modules.views()) {
        views.push_back(view_of(module));
        views.back().host_crashes = counters.crashes_of(module.id);
    }
    return views;
}

} // namespace angod::app
