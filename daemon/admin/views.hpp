// What the admin routes show: plain values, made by app/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace angod::admin {

struct HostView {
    int pid = 0;
    std::uint32_t jobs = 0;
    std::uint64_t resident_bytes = 0;
};

struct PluginView {
    std::string name, id, module, module_version, kind;
    std::string state;  ///< live, connecting, backoff, refused, no-module, disabled
    std::string reason; ///< why it is not live
    std::uint64_t queued = 0, running = 0, answering = 0;
    std::uint64_t connects = 0;
    std::int64_t last_heartbeat_ms = 0; ///< 0: none yet
    std::vector<HostView> hosts;
};

struct StatusView {
    std::string version, state_dir;
    std::string state; ///< starting, running, draining
    int pid = 0;
    std::int64_t started_ms = 0, uptime_s = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t plugins = 0, live = 0, hosts = 0, queued = 0, running = 0, answering = 0;
    std::uint64_t modules_ready = 0, modules_rejected = 0;
};

} // namespace angod::admin
