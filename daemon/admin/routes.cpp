// The admin API: requests in, JSON out.
//
// handle() finds the group of a path, and a function for each group finds what is asked for. Reads never change
// anything. Ids and names may contain slashes, so the verb of a POST is what follows the last one.
// Thread: the event loop.
#include "admin/routes.hpp"

#include "base/json.hpp"
#include "base/letter_case.hpp"

#include <fmt/format.h>

#include <charconv>

namespace angod::admin {

namespace {

/// More than all queues can hold.
constexpr std::int64_t kAllOpen = 100'000'000;

constexpr std::string_view kPlugins = "/v1/plugins/", kJobs = "/v1/jobs/", kModules = "/v1/modules/";

/// More than any id or session has.
constexpr std::size_t kLongestMatch = 256;

constexpr auto kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

/// "ID/verb" taken apart; the verb is empty if there is none.
std::pair<std::string, std::string> verb_of(std::string_view rest) {
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) return {std::string(rest), ""};
    return {std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

std::string no_plugin(const Views &views, std::string_view name) {
    return fmt::format("there is no plugin \"{}\"{}", name,
                       only_in_another_case(name, views.plugins(), [](const PluginView &each) { return each.name; }));
}

http::Response changed(const Result<void> &done) {
    if (done) return {200, R"({"done":true})"};
    const bool missing = done.error().code == Code::not_found;
    return error_response(missing ? 404 : 409, missing ? "not_found" : "conflict", done.error().text);
}

http::Response method_not_allowed(std::string_view allowed) {
    return error_response(405, "method_not_allowed", fmt::format("use {} here", allowed));
}

/// Puts the parameters of the query into filter, and into match the id or session that is looked for.
Result<void> read_query(const http::Request &request, jobs::JobFilter &filter, std::string &match) {
    for (const auto &[name, value] : request.query) {
        if (name == "match") {
            match = value;
            if (value.empty() || value.size() > kLongestMatch)
                return error(Code::invalid, fmt::format("match must have 1 to {} bytes", kLongestMatch));
        } else if (name == "plugin") {
            filter.plugin = value;
        } else if (name == "state") {
            filter.state = jobs::state_of(value);
            if (!filter.state)
                return error(Code::invalid,
                             "state must be one of: queued, running, answering, done, failed, cancelled");
        } else if (name == "limit") {
            const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), filter.limit);
            if (failed != std::errc() || end != value.data() + value.size() || filter.limit < 1 || filter.limit > 10000)
                return error(Code::invalid, "limit must be a whole number from 1 to 10000");
        } else {
            return error(Code::invalid,
                         fmt::format("unknown parameter \"{}\"; known: match, plugin, state, limit", name));
        }
    }
    if (!match.empty() && (!filter.plugin.empty() || filter.state))
        return error(Code::invalid, "match cannot be used together with plugin or state");
    return {};
}

/// The parameter of a recording: how many messages the caller has already.
Result<void> read_since(const http::Request &request, std::size_t &since) {
    for (const auto &[name, value] : request.query) {
        if (name != "since") return error(Code::invalid, fmt::format("unknown parameter \"{}\"; known: since", name));
        const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), since);
        if (failed != std::errc() || end != value.data() + value.size())
            return error(Code::invalid, "since must be a whole number, not below 0");
    }
    return {};
}

} // namespace

http::Response error_response(int status, std::string_view code, std::string_view message) {
    return {status, fmt::format(R"({{"error":{{"code":{},"message":{}}}}})", json::quote(code), json::quote(message)),
            "application/json"};
}

awaitable<http::Response> Routes::handle(http::Request request) {
    const std::string &path = request.path;
    if (path == "/v1/status") co_return status(request);
    if (path == "/metrics") co_return metrics(request);
    if (path == "/v1/plugins" || path.starts_with(kPlugins)) co_return plugins(request);
    if (path == "/v1/modules" || path.starts_with(kModules)) co_return modules(request);
    if (path == "/v1/jobs" || path.starts_with(kJobs)) co_return co_await jobs(std::move(request));
    if (path == "/v1/logs") {
        if (request.method != "GET") co_return method_not_allowed("GET");
        co_return co_await logs_.handle(std::move(request));
    }
    if (path == "/v1/reload") {
        if (request.method != "POST") co_return method_not_allowed("POST");
        co_return co_await reload();
    }
    if (path == "/v1/shutdown") {
        if (request.method != "POST") co_return method_not_allowed("POST");
        co_return shut_down();
    }
    co_return error_response(404, "not_found", fmt::format("there is no {}", path));
}

http::Response Routes::status(const http::Request &request) const {
    if (request.method != "GET") return method_not_allowed("GET");
    return {200, status_json(views_.status())};
}

http::Response Routes::metrics(const http::Request &request) const {
    if (request.method != "GET") return method_not_allowed("GET");
    return {200, metrics_text(views_.status(), views_.plugins(), views_.modules()), kMetricsType};
}

awaitable<http::Response> Routes::reload() {
    const auto done = co_await actions_.reload_configuration();
    co_return changed(done);
}

http::Response Routes::shut_down() {
    actions_.shut_down();
    return {202, R"({"state":"draining"})"};
}

http::Response Routes::plugins(const http::Request &request) {
    const bool get = request.method == "GET";
    if (request.path == "/v1/plugins")
        return get ? http::Response{200, plugins_json(views_.plugins())} : method_not_allowed("GET");
    const std::string asked = request.path.substr(kPlugins.size());
    const auto [name, verb] = verb_of(asked);
    if (verb == "recording") {
        if (!get) return method_not_allowed("GET");
        std::size_t since = 0;
        if (const auto good = read_since(request, since); !good)
            return error_response(400, "invalid", good.error().text);
        const auto found = views_.recording(name, since);
        if (!found) return error_response(404, "not_found", no_plugin(views_, name));
        return {200, recording_json(*found)};
    }
    if (verb == "enable" || verb == "disable" || verb == "restart" || verb == "record" || verb == "end-recording") {
        if (request.method != "POST") return method_not_allowed("POST");
        if (verb == "enable") return changed(actions_.enable_plugin(name));
        if (verb == "disable") return changed(actions_.disable_plugin(name));
        if (verb == "record") return changed(actions_.record_plugin(name));
        if (verb == "end-recording") return changed(actions_.end_recording(name));
        return changed(actions_.restart_plugin(name));
    }
    if (!get) return method_not_allowed("GET");
    for (const PluginView &plugin : views_.plugins())
        if (plugin.name == asked) return {200, plugin_json(plugin)};
    return error_response(404, "not_found", no_plugin(views_, asked));
}

http::Response Routes::modules(const http::Request &request) {
    const bool get = request.method == "GET";
    if (request.path == "/v1/modules")
        return get ? http::Response{200, modules_json(views_.modules())} : method_not_allowed("GET");
    const std::string asked = request.path.substr(kModules.size());
    const auto [id, verb] = verb_of(asked);
    if (verb == "reload" || verb == "rollback") {
        if (request.method != "POST") return method_not_allowed("POST");
        return changed(verb == "reload" ? actions_.reload_module(id) : actions_.rollback_module(id));
    }
    if (!get) return method_not_allowed("GET");
    for (const ModuleView &module : views_.modules())
        if (module.id == asked) return {200, module_json(module)};
    return error_response(
        404, "not_found",
        fmt::format("there is no module \"{}\"{}", id,
                    only_in_another_case(id, views_.modules(), [](const ModuleView &each) { return each.id; })));
}

awaitable<http::Response> Routes::jobs(http::Request request) {
    jobs::JobFilter filter;
    const bool one = request.path.starts_with(kJobs);
    if (one) {
        filter.id = request.path.substr(kJobs.size());
        const auto [id, verb] = verb_of(filter.id);
        if (verb == "cancel" || verb == "retry") {
            if (request.method != "POST") co_return method_not_allowed("POST");
            if (verb == "cancel") co_return changed(co_await actions_.cancel_job(std::string(id)));
            co_return changed(co_await actions_.retry_job(std::string(id)));
        }
    }
    if (request.method != "GET") co_return method_not_allowed("GET");
    if (one && filter.id.empty()) co_return error_response(404, "not_found", "there is no job without an id");
    std::string match;
    if (const auto good = read_query(request, filter, match); !good)
        co_return error_response(400, "invalid", good.error().text);
    if (!match.empty()) co_return co_await match_jobs(std::move(match), filter.limit);
    if (!filter.plugin.empty()) {
        const bool known = co_await is_known(filter.plugin);
        if (!known)
            co_return error_response(
                400, "invalid",
                fmt::format("there is no plugin \"{}\", and no job of such a plugin is kept", filter.plugin));
    }
    co_return co_await list_jobs(std::move(filter));
}

/// A plugin that is configured, or was: its jobs are still there.
awaitable<bool> Routes::is_known(std::string plugin) {
    if (views_.has_plugin(plugin)) co_return true;
    jobs::JobFilter any;
    any.plugin = std::move(plugin);
    any.limit = 1;
    const auto rows = co_await store_.list(std::move(any));
    co_return !rows || !rows->empty(); // the list itself says that the store cannot be read
}

awaitable<http::Response> Routes::match_jobs(std::string text, std::int64_t limit) {
    auto rows = co_await store_.matching(std::move(text), limit);
    if (!rows) co_return error_response(500, "io", rows.error().text);
    for (jobs::JobRow &row : *rows)
        if (const auto job = queue_.find(row.id)) row.state = job->state;
    co_return http::Response{200, jobs_json(*rows)};
}

awaitable<http::Response> Routes::list_jobs(jobs::JobFilter filter) {
    // The store knows no running jobs: it has them as queued, and the queue says which of those run.
    const auto limit = static_cast<std::size_t>(filter.limit);
    const bool one = !filter.id.empty();
    if (filter.state == jobs::State::running || filter.state == jobs::State::queued) filter.limit = kAllOpen;
    auto rows = co_await store_.list(filter);
    if (!rows) co_return error_response(500, "io", rows.error().text);
    std::vector<jobs::JobRow> shown;
    for (jobs::JobRow &row : *rows) {
        if (const auto job = queue_.find(row.id)) row.state = job->state;
        if ((!filter.state || row.state == *filter.state) && shown.size() < limit) shown.push_back(std::move(row));
    }
    if (!one) co_return http::Response{200, jobs_json(shown)};
    if (shown.empty()) co_return error_response(404, "not_found", fmt::format("there is no job {}", filter.id));
    const auto attempts = co_await store_.attempts(shown.front().id);
    if (!attempts) co_return error_response(500, "io", attempts.error().text);
    co_return http::Response{200, job_json(shown.front(), *attempts)};
}

} // namespace angod::admin
