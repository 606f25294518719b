#include "admin/routes.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

#include <charconv>

namespace angod::admin {

namespace {

/// More than all queues can hold.
constexpr std::int64_t kAllOpen = 100'000'000;

constexpr std::string_view kPlugins = "/v1/plugins/", kJobs = "/v1/jobs/", kModules = "/v1/modules/";

constexpr auto kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

/// "ID/verb" taken apart; the verb is empty if there is none.
std::pair<std::string, std::string> verb_of(std::string_view rest) {
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) return {std::string(rest), ""};
    return {std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

http::Response changed(const Result<void> &done) {
    if (done) return {200, R"({"done":true})"};
    const bool missing = done.error().code == Code::not_found;
    return error_response(missing ? 404 : 409, missing ? "not_found" : "conflict", done.error().text);
}

http::Response method_not_allowed(std::string_view allowed) {
    return error_response(405, "method_not_allowed", fmt::format("use {} here", allowed));
}

} // namespace

http::Response error_response(int status, std::string_view code, std::string_view message) {
    return {status, fmt::format(R"({{"error":{{"code":{},"message":{}}}}})", json::quote(code), json::quote(message)),
            "application/json"};
}

awaitable<http::Response> Routes::handle(http::Request request) {
    const std::string &path = request.path;
    const bool get = request.method == "GET";
    if (path == "/v1/status")
        co_return get ? http::Response{200, status_json(sources_.status())} : method_not_allowed("GET");
    if (path == "/metrics")
        co_return get
            ? http::Response{200, metrics(sources_.status(), sources_.plugins(), sources_.modules()), kMetricsType}
            : method_not_allowed("GET");
    if (path == "/v1/logs") {
        if (!get) co_return method_not_allowed("GET");
        co_return co_await logs_.handle(std::move(request));
    }
    if (path == "/v1/plugins")
        co_return get ? http::Response{200, plugins_json(sources_.plugins())} : method_not_allowed("GET");
    if (path.starts_with(kPlugins)) {
        const auto [name, verb] = verb_of(std::string_view(path).substr(kPlugins.size()));
        if (verb == "enable" || verb == "disable" || verb == "restart") {
            if (request.method != "POST") co_return method_not_allowed("POST");
            co_return changed(sources_.change_plugin(name, verb));
        }
        if (!get) co_return method_not_allowed("GET");
        const std::string asked = path.substr(kPlugins.size());
        for (const PluginView &plugin : sources_.plugins())
            if (plugin.name == asked) co_return http::Response{200, plugin_json(plugin)};
        co_return error_response(404, "not_found", fmt::format("there is no plugin \"{}\"", asked));
    }
    if (path == "/v1/modules" || path.starts_with(kModules)) co_return modules(request);
    if (path.starts_with(kJobs)) {
        const auto [id, verb] = verb_of(std::string_view(path).substr(kJobs.size()));
        if (verb == "cancel" || verb == "retry") {
            if (request.method != "POST") co_return method_not_allowed("POST");
            co_return changed(sources_.change_job(id, verb));
        }
    }
    if (path == "/v1/jobs" || path.starts_with(kJobs)) {
        if (!get) co_return method_not_allowed("GET");
        co_return co_await jobs(std::move(request));
    }
    if (path == "/v1/reload") {
        if (request.method != "POST") co_return method_not_allowed("POST");
        const auto done = co_await sources_.reload();
        co_return changed(done);
    }
    if (path == "/v1/shutdown") {
        if (request.method != "POST") co_return method_not_allowed("POST");
        sources_.shutdown();
        co_return http::Response{202, R"({"state":"draining"})"};
    }
    co_return error_response(404, "not_found", fmt::format("there is no {}", path));
}

http::Response Routes::modules(const http::Request &request) const {
    const bool get = request.method == "GET";
    if (request.path == "/v1/modules")
        return get ? http::Response{200, modules_json(sources_.modules())} : method_not_allowed("GET");
    const auto [id, verb] = verb_of(std::string_view(request.path).substr(kModules.size()));
    if (verb == "reload" || verb == "rollback") {
        if (request.method != "POST") return method_not_allowed("POST");
        return changed(sources_.change_module(id, verb));
    }
    if (!get) return method_not_allowed("GET");
    for (const ModuleView &module : sources_.modules())
        if (module.id == request.path.substr(kModules.size())) return {200, module_json(module)};
    return error_response(404, "not_found", fmt::format("there is no module \"{}\"", id));
}

awaitable<http::Response> Routes::jobs(http::Request request) {
    jobs::JobFilter filter;
    const bool one = request.path.starts_with(kJobs);
    if (one) filter.id = request.path.substr(kJobs.size());
    if (one && filter.id.empty()) co_return error_response(404, "not_found", "there is no job without an id");
    for (const auto &[name, value] : request.query) {
        if (name == "plugin") {
            filter.plugin = value;
        } else if (name == "state") {
            filter.state = jobs::state_of(value);
            if (!filter.state)
                co_return error_response(400, "invalid",
                                         "state must be one of: queued, running, answering, done, failed, cancelled");
        } else if (name == "limit") {
            const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), filter.limit);
            if (failed != std::errc() || end != value.data() + value.size() || filter.limit < 1 || filter.limit > 10000)
                co_return error_response(400, "invalid", "limit must be a whole number from 1 to 10000");
        } else {
            co_return error_response(400, "invalid",
                                     fmt::format("unknown parameter \"{}\"; known: plugin, state, limit", name));
        }
    }
    // The store knows nothing of running: those are queued there, and are sorted out below.
    const auto limit = static_cast<std::size_t>(filter.limit);
    if (filter.state == jobs::State::running || filter.state == jobs::State::queued) filter.limit = kAllOpen;
    auto rows = co_await sources_.store.list(filter);
    if (!rows) co_return error_response(500, "io", rows.error().text);
    std::vector<jobs::JobRow> shown;
    for (jobs::JobRow &row : *rows) {
        if (const auto job = sources_.queue.find(row.id)) row.state = job->state;
        if ((!filter.state || row.state == *filter.state) && shown.size() < limit) shown.push_back(std::move(row));
    }
    if (!one) co_return http::Response{200, jobs_json(shown)};
    if (shown.empty()) co_return error_response(404, "not_found", fmt::format("there is no job {}", filter.id));
    co_return http::Response{200, job_json(shown.front())};
}

} // namespace angod::admin
