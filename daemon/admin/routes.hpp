// The admin API: requests in, JSON out. Reads never change anything.
#pragma once

#include "admin/logs.hpp"
#include "admin/views.hpp"
#include "http/message.hpp"
#include "jobs/queue.hpp"
#include "jobs/store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace angod::admin {

/// Where the routes get what they show, and what they can set off. All of it outlives them.
struct Sources {
    std::function<StatusView()> status;
    std::function<std::vector<PluginView>()> plugins;
    std::function<std::vector<ModuleView>()> modules;
    std::function<Result<void>(const std::string &id, std::string_view what)> change_module; ///< reload, rollback
    std::function<Result<void>(const std::string &id, std::string_view what)> change_job;    ///< cancel, retry
    std::function<Result<void>(const std::string &name, std::string_view what)>
        change_plugin;                               ///< enable, disable, restart
    std::function<awaitable<Result<void>>()> reload; ///< of the configuration
    jobs::Store &store;
    jobs::Queue &queue;
    std::function<void()> shutdown;
};

class Routes {
public:
    /// log: outlives every response.
    Routes(Sources sources, LogTail &log) : sources_(std::move(sources)), logs_(log) {}
    awaitable<http::Response> handle(http::Request request);

private:
    http::Response modules(const http::Request &request) const;
    awaitable<http::Response> jobs(http::Request request);
    Sources sources_;
    Logs logs_;
};

http::Response error_response(int status, std::string_view code, std::string_view message);

// One file per group.
std::string status_json(const StatusView &status);
std::string plugins_json(const std::vector<PluginView> &plugins);
std::string plugin_json(const PluginView &plugin);
std::string modules_json(const std::vector<ModuleView> &modules);
std::string module_json(const ModuleView &module);
/// rows: with their real state.
std::string jobs_json(const std::vector<jobs::JobRow> &rows);
std::string job_json(const jobs::JobRow &row);
/// In Prometheus' text format.
std::string metrics(const StatusView &status, const std::vector<PluginView> &plugins,
                    const std::vector<ModuleView> &modules);

} // namespace angod::admin
