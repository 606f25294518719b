// The admin API: requests in, JSON out. Reads never change anything.
#pragma once

#include "admin/actions.hpp"
#include "admin/logs.hpp"
#include "admin/views.hpp"
#include "http/message.hpp"
#include "jobs/queue.hpp"
#include "jobs/store.hpp"

#include <string>
#include <vector>

namespace angod::admin {

class Routes {
public:
    /// All of it outlives the routes; log, every response, too.
    Routes(const Views &views, Actions &actions, jobs::Store &store, const jobs::Queue &queue, LogTail &log)
        : views_(views), actions_(actions), store_(store), queue_(queue), logs_(log, views) {}
    awaitable<http::Response> handle(http::Request request);

private:
    http::Response status(const http::Request &request) const;
    http::Response metrics(const http::Request &request) const;
    http::Response plugins(const http::Request &request);
    http::Response modules(const http::Request &request);
    awaitable<http::Response> jobs(http::Request request);
    awaitable<bool> is_known(std::string plugin);
    awaitable<http::Response> list_jobs(jobs::JobFilter filter);
    awaitable<http::Response> match_jobs(std::string text, std::int64_t limit);
    awaitable<http::Response> reload();
    http::Response shut_down();

    const Views &views_;
    Actions &actions_;
    jobs::Store &store_;
    const jobs::Queue &queue_;
    Logs logs_;
};

http::Response error_response(int status, std::string_view code, std::string_view message);

// One file per group.
std::string status_json(const StatusView &status);
std::string plugins_json(const std::vector<PluginView> &plugins);
std::string plugin_json(const PluginView &plugin);
std::string recording_json(const RecordingView &recording);
std::string modules_json(const std::vector<ModuleView> &modules);
std::string module_json(const ModuleView &module);
/// rows: with their real state.
std::string jobs_json(const std::vector<jobs::JobRow> &rows);
std::string job_json(const jobs::JobRow &row, const std::vector<jobs::Attempt> &attempts);
/// In Prometheus' text format.
std::string metrics_text(const StatusView &status, const std::vector<PluginView> &plugins,
                         const std::vector<ModuleView> &modules);

} // namespace angod::admin
