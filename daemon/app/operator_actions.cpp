#include "app/operator_actions.hpp"

#include "base/letter_case.hpp"

#include <fmt/format.h>

namespace angod::app {

// ---- jobs

awaitable<Result<OperatorActions::OpenJob>> OperatorActions::find_job(std::string id) const {
    const auto brought = co_await use_.queue.bring(id);
    if (!brought) co_return brought.error();
    const jobs::JobPtr &job = *brought;
    if (!job)
        co_return error(Code::not_found,
                        fmt::format("there is no open job {}; a job that has ended can only be run again from Hub, "
                                    "because its event is erased",
                                    id));
    Plugin *plugin = use_.plugins.find(job->plugin);
    if (!plugin)
        co_return error(Code::not_found, fmt::format("the plugin {} of this job is not configured", job->plugin));
    co_return OpenJob{job, plugin};
}

awaitable<Result<void>> OperatorActions::cancel_job(std::string id) {
    const auto found = co_await find_job(std::move(id));
    if (!found) co_return found.error();
    co_return found->plugin->cancel(found->job);
}

awaitable<Result<void>> OperatorActions::retry_job(std::string id) {
    const auto found = co_await find_job(std::move(id));
    if (!found) co_return found.error();
    if (found->job->state != jobs::State::queued)
        co_return error(Code::invalid, fmt::format("only a waiting job can be retried now; this one is {}",
                                                   name_of(found->job->state)));
    use_.queue.retry_now(found->job);
    co_return Result<void>();
}

// ---- plugins

Result<Plugin *> OperatorActions::find_plugin(const std::string &name) const {
    if (use_.lifecycle.state() == admin::DaemonState::starting)
        return error(Code::invalid, "angod is still starting; try again in a moment");
    if (Plugin *plugin = use_.plugins.find(name)) return plugin;
    return error(Code::not_found, fmt::format("there is no plugin \"{}\"{}", name,
                                              only_in_another_case(name, use_.plugins.all(),
                                                                   [](const auto &each) { return each.first; })));
}

Result<void> OperatorActions::enable_plugin(const std::string &name) {
    const auto plugin = find_plugin(name);
    if (!plugin) return plugin.error();
    (*plugin)->enable();
    return {};
}

Result<void> OperatorActions::disable_plugin(const std::string &name) {
    const auto plugin = find_plugin(name);
    if (!plugin) return plugin.error();
    (*plugin)->disable("disabled by the operator");
    return {};
}

Result<void> OperatorActions::restart_plugin(const std::string &name) {
    const auto plugin = find_plugin(name);
    if (!plugin) return plugin.error();
    (*plugin)->restart();
    return {};
}

Result<void> OperatorActions::record_plugin(const std::string &name) {
    const auto plugin = find_plugin(name);
    if (!plugin) return plugin.error();
    (*plugin)->record();
    return {};
}

Result<void> OperatorActions::end_recording(const std::string &name) {
    const auto plugin = find_plugin(name);
    if (!plugin) return plugin.error();
    (*plugin)->end_recording();
    return {};
}

// ---- modules, and angod itself

Result<void> OperatorActions::reload_module(const std::string &id) { return use_.modules.reload(id); }

Result<void> OperatorActions::rollback_module(const std::string &id) { return use_.modules.rollback(id); }

awaitable<Result<void>> OperatorActions::reload_configuration() { return use_.reload.reload(); }

void OperatorActions::shut_down() {
    Log().info("shutdown requested over the admin socket");
    use_.stop();
}

} // namespace angod::app
