#include "supervisor/run_request.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace angod::supervisor {

Result<PluginKind> choose_kind(const ModuleInfo &module, std::string_view wanted, std::string_view option) {
    std::vector<std::string_view> names;
    for (const PluginKind kind : module.kinds) names.push_back(name_of(kind));
    if (!wanted.empty()) {
        const auto kind = kind_of(wanted);
        if (kind && std::find(module.kinds.begin(), module.kinds.end(), *kind) != module.kinds.end()) return *kind;
        return error(Code::invalid, fmt::format("the module {} does not serve the kind {}; it serves {}", module.id,
                                                wanted, fmt::join(names, ", ")));
    }
    if (module.kinds.size() == 1) return module.kinds.front();
    return error(Code::invalid, fmt::format("the module {} serves several kinds; say with {} which one is meant: {}",
                                            module.id, option, fmt::join(names, ", ")));
}

host_protocol::RunJob make_run_request(const RunSettings &settings, std::string job, std::string event,
                                       const std::filesystem::path &scratch) {
    const auto bytes = [](std::int64_t mb) { return static_cast<std::uint64_t>(mb) << 20; };
    host_protocol::RunJob request;
    request.job = std::move(job);
    request.plugin = settings.plugin;
    request.event = std::move(event);
    request.scratch = scratch.string();
    request.api_url = settings.api_url;
    request.ca_file = settings.ca_file;
    request.proxy_http = settings.proxies.http;
    request.proxy_https = settings.proxies.https;
    request.no_proxy = settings.proxies.no_proxy;
    request.spool_bytes = bytes(settings.limits.spool_mb);
    request.unzip_bytes = bytes(settings.limits.unzip_mb);
    request.asset_bytes = bytes(settings.limits.asset_mb);
    return request;
}

} // namespace angod::supervisor
