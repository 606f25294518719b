// Modules and their files as people see them.
#include "supervisor/modules.hpp"

#include "base/letter_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace angod::supervisor {

std::string Modules::why_not(const std::string &id) const {
    std::string why = fmt::format("no module \"{}\" in the module folders is ready{}", id,
                                  complete() ? "" : " yet; some are still being tried out");
    for (const auto &[source, file] : files_.all())
        if (!file.reason.empty() && (id_by_name(source) == id || file.id == id))
            return fmt::format("{}; a file was refused: {}", why, file.reason);
    why += only_in_another_case(id, files_.all(), [](const auto &each) {
        return each.second.id.empty() ? id_by_name(each.first) : each.second.id;
    });
    if (const std::size_t refused = refused_count(); refused > 0)
        why += fmt::format("; {} file{} there {} refused, as the log says", refused, refused == 1 ? "" : "s",
                           refused == 1 ? "was" : "were");
    return why;
}

std::vector<ModuleView> Modules::views() const {
    std::vector<ModuleView> views;
    std::set<std::filesystem::path> shown;
    const auto add_file = [&](ModuleView &view, const std::filesystem::path &source, const ModuleFile &file) {
        view.files.push_back({source, file.version.sha256, file.reason, file.state});
        shown.insert(source);
    };
    for (const auto &[id, module] : modules_) {
        ModuleView view;
        view.id = id;
        view.current = module.history.current();
        view.source = module.history.source();
        if (const auto &target = module.history.rollback_target()) view.rollback_target = target->version;
        for (const auto &[source, file] : files_.all())
            if (file.id == id || (view.current && view.source == source)) add_file(view, source, file);
        if (!view.current && view.files.empty()) continue;
        view.generations = {module.history.generations().begin(), module.history.generations().end()};
        views.push_back(std::move(view));
    }
    for (const auto &[source, file] : files_.all()) {
        if (shown.contains(source)) continue;
        ModuleView view;
        view.id = id_by_name(source);
        add_file(view, source, file);
        views.push_back(std::move(view));
    }
    return views;
}

std::size_t Modules::ready_count() const {
    return static_cast<std::size_t>(std::count_if(
        modules_.begin(), modules_.end(), [](const auto &entry) { return entry.second.history.current() != nullptr; }));
}

std::size_t Modules::refused_count() const {
    return static_cast<std::size_t>(std::count_if(files_.all().begin(), files_.all().end(),
                                                  [](const auto &entry) { return is_refused(entry.second.state); }));
}

} // namespace angod::supervisor
