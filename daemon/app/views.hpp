// angod as the admin API shows it. Event loop only.
#pragma once

#include "admin/actions.hpp"
#include "app/counters.hpp"
#include "app/lifecycle.hpp"
#include "app/loop_watch.hpp"
#include "app/plugins.hpp"
#include "base/clock.hpp"
#include "hub/call_budget.hpp"
#include "jobs/queue.hpp"
#include "supervisor/host_pool.hpp"
#include "supervisor/modules.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace angod::app {

class DaemonViews final : public admin::Views {
public:
    /// All of it outlives the views.
    struct Neighbours {
        const Lifecycle &lifecycle;
        std::filesystem::path state_dir;
        const Plugins &plugins;
        const supervisor::Modules &modules;
        const supervisor::HostPool &hosts;
        const jobs::Queue &queue;
        const Counters &counters;
        const hub::CallBudget &calls;
        const std::optional<LoopWatch> &loop_watch; ///< empty: angod starts or ends
    };
    explicit DaemonViews(Neighbours neighbours) : use_(std::move(neighbours)) {}

    admin::StatusView status() const override;
    std::vector<admin::PluginView> plugins() const override;
    bool has_plugin(const std::string &name) const override;
    std::vector<admin::ModuleView> modules() const override;
    std::optional<admin::RecordingView> recording(const std::string &plugin, std::size_t since) const override;

private:
    const Neighbours use_;
    const std::int64_t started_ms_ = now_ms(), started_boot_ms_ = since_boot_ms();
};

} // namespace angod::app
