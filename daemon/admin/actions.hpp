// The two interfaces behind the admin API: the views that it shows, and the actions that it can set off. app/ implements
// them; the routes do not know app/.
#pragma once

#include "admin/views.hpp"
#include "base/async.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace angod::admin {

class Views {
public:
    virtual ~Views() = default;
    virtual StatusView status() const = 0;
    virtual std::vector<PluginView> plugins() const = 0;
    virtual bool has_plugin(const std::string &name) const = 0;
    virtual std::vector<ModuleView> modules() const = 0;
    /// Without the first since messages. Nothing: there is no such plugin.
    virtual std::optional<RecordingView> recording(const std::string &plugin, std::size_t since) const = 0;
};

/// An error says why nothing has happened; not_found: there is no such job, plugin or module.
class Actions {
public:
    virtual ~Actions() = default;
    virtual awaitable<Result<void>> cancel_job(std::string id) = 0;
    /// Ends the wait of a job for its repetition.
    virtual awaitable<Result<void>> retry_job(std::string id) = 0;
    virtual Result<void> enable_plugin(const std::string &name) = 0;
    virtual Result<void> disable_plugin(const std::string &name) = 0;
    virtual Result<void> restart_plugin(const std::string &name) = 0;
    /// Begins a recording of what Hub sends.
    virtual Result<void> record_plugin(const std::string &name) = 0;
    virtual Result<void> end_recording(const std::string &name) = 0;
    virtual Result<void> reload_module(const std::string &id) = 0;
    virtual Result<void> rollback_module(const std::string &id) = 0;
    virtual awaitable<Result<void>> reload_configuration() = 0;
    virtual void shut_down() = 0;
};

} // namespace angod::admin
