// The actions of an operator, who calls them over the admin API. Event loop only.
#pragma once

#include "admin/actions.hpp"
#include "app/lifecycle.hpp"
#include "app/plugins.hpp"
#include "app/reload.hpp"
#include "jobs/queue.hpp"
#include "supervisor/modules.hpp"

#include <functional>
#include <string>

namespace angod::app {

class OperatorActions final : public admin::Actions {
public:
    /// All of it outlives the actions.
    struct Neighbours {
        const Lifecycle &lifecycle;
        jobs::Queue &queue;
        Plugins &plugins;
        supervisor::Modules &modules;
        Reload &reload;
        std::function<void()> stop; ///< has angod end
    };
    explicit OperatorActions(Neighbours neighbours) : use_(std::move(neighbours)) {}

    awaitable<Result<void>> cancel_job(std::string id) override;
    awaitable<Result<void>> retry_job(std::string id) override;
    Result<void> enable_plugin(const std::string &name) override;
    Result<void> disable_plugin(const std::string &name) override;
    Result<void> restart_plugin(const std::string &name) override;
    Result<void> record_plugin(const std::string &name) override;
    Result<void> end_recording(const std::string &name) override;
    Result<void> reload_module(const std::string &id) override;
    Result<void> rollback_module(const std::string &id) override;
    awaitable<Result<void>> reload_configuration() override;
    void shut_down() override;

private:
    struct OpenJob {
        jobs::JobPtr job;
        Plugin *plugin; ///< whose job it is
    };
    awaitable<Result<OpenJob>> find_job(std::string id) const;
    Result<Plugin *> find_plugin(const std::string &name) const;

    const Neighbours use_;
};

} // namespace angod::app
