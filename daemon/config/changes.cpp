#include "config/config.hpp"

#include <utility>

namespace angod::config {

std::vector<std::string> needs_restart(const Config &now, const Config &next) {
    std::vector<std::string> keys;
    const auto compare = [&](const char *key, bool same) {
        if (!same) keys.emplace_back(key);
    };
    compare("module_dirs", now.module_dirs == next.module_dirs);
    compare("state_dir", now.state_dir == next.state_dir);
    compare("admin", now.admin.socket == next.admin.socket && now.admin.mode == next.admin.mode &&
                         now.admin.group == next.admin.group);
    compare("connector", now.connector.address == next.connector.address && now.connector.port == next.connector.port);
    compare("limits.max_hosts", now.limits.max_hosts == next.limits.max_hosts);
    compare("crash", now.crash.count == next.crash.count && now.crash.within_s == next.crash.within_s);
    compare("durability", now.power_safe == next.power_safe);
    return keys;
}

void take_over(Config &now, Config next) {
    const auto max_hosts = now.limits.max_hosts;
    now.limits = next.limits;
    now.limits.max_hosts = max_hosts;
    now.connector.hold_s = next.connector.hold_s;
    now.connector.hold_workflow = next.connector.hold_workflow;
    now.hub = std::move(next.hub);
    now.log = std::move(next.log);
    now.drain_s = next.drain_s;
    now.retention_days = next.retention_days;
    now.plugins = std::move(next.plugins);
}

} // namespace angod::config
