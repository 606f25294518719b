// angod as the admin routes show it: plain values, made by app/.
#pragma once

#include "base/histogram.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::admin {

enum class PluginState {
    live,             ///< connected, or called by Hub. Hub shows it as green if id and secret are right: see confirmed
    connecting,       ///< to Hub
    backoff,          ///< waits before it connects again
    refused,          ///< Hub does not want it
    no_module,        ///< no generation of its module can do its work
    settings_refused, ///< its module was loaded and refused its settings
    disabled,         ///< by the operator or by the configuration
};

/// As the admin API names it.
constexpr std::string_view name_of(PluginState state) {
    switch (state) {
        case PluginState::live: return "live";
        case PluginState::connecting: return "connecting";
        case PluginState::backoff: return "backoff";
        case PluginState::refused: return "refused";
        case PluginState::no_module: return "no-module";
        case PluginState::settings_refused: return "settings-refused";
        case PluginState::disabled: return "disabled";
    }
    return "";
}

enum class DaemonState { starting, running, draining };

constexpr std::string_view name_of(DaemonState state) {
    switch (state) {
        case DaemonState::starting: return "starting";
        case DaemonState::running: return "running";
        case DaemonState::draining: return "draining";
    }
    return "";
}

struct HostView {
    int pid = 0;
    std::uint32_t jobs = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t generation = 0; ///< of the module
    bool draining = false;        ///< takes no further run
};

/// Since angod started.
struct PluginCounts {
    std::uint64_t done = 0, failed = 0, cancelled = 0; ///< jobs
    std::uint64_t answers_given_up = 0;                ///< that Hub will never take
    Histogram runs;                                    ///< in a host; one that is repeated counts each time
};

struct PluginView {
    std::string name, id, module, module_version, kind;
    std::string connector; ///< ws, rest
    PluginState state = PluginState::connecting;
    bool confirmed = false;       ///< Hub has shown that id and secret are right
    std::string reason;           ///< why it is not live
    std::uint64_t generation = 0; ///< of the module, that does its work; 0: none
    std::uint64_t queued = 0, running = 0, answering = 0;
    std::uint64_t answers_waiting = 0; ///< also those to runs that were turned away
    std::uint64_t connects = 0;
    std::int64_t last_heartbeat_ms = 0; ///< 0: none yet
    std::vector<HostView> hosts;
    PluginCounts counts;
};

/// The messages of Hub to a plugin, without names, keys and contents.
struct RecordingView {
    bool on = false;
    std::uint64_t left_out = 0;        ///< messages for which there was no room
    std::vector<std::string> messages; ///< JSON objects, the oldest of those that were asked for first
};

struct ModuleFileView {
    std::string file, sha256;
    std::string state; ///< being tried, ready, rejected, quarantined
    std::string reason;
};

/// Times in milliseconds since 1970; until 0: it serves, or the time is not known.
struct GenerationView {
    std::uint64_t number = 0;
    std::string sha256, version;
    std::int64_t since_ms = 0, until_ms = 0;
    std::string ended; ///< why
};

struct ModuleView {
    std::string id, name, version, summary, abi, file, sha256;
    std::vector<std::string> kinds;
    std::string state;            ///< ready, rejected, quarantined
    std::string reason;           ///< why a file of it is not used
    std::uint64_t generation = 0; ///< that serves; 0: none
    std::string fallback_version; ///< what rollback goes back to; empty: nothing
    std::vector<ModuleFileView> files;
    std::vector<GenerationView> generations; ///< the oldest first
    std::uint64_t host_crashes = 0;          ///< since angod started
};

/// How long the event loop was held up, since angod started.
struct LoopView {
    std::int64_t longest_stall_ms = 0, longest_stall_at_ms = 0; ///< the second in milliseconds since 1970
    std::uint64_t long_stalls = 0;                              ///< those that were told in the log
    std::string where;                                          ///< the calls of the longest of those
};

struct StatusView {
    std::string version, state_dir;
    DaemonState state = DaemonState::starting;
    int pid = 0;
    std::int64_t started_ms = 0, uptime_s = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t plugins = 0, live = 0, hosts = 0, queued = 0, running = 0, answering = 0;
    std::uint64_t modules_ready = 0, modules_rejected = 0;
    std::uint64_t log_lines_dropped = 0;                 ///< stderr did not take them
    std::uint64_t hub_calls = 0, hub_calls_refused = 0;  ///< of Hub's REST API; refused: with 429
    std::uint64_t hub_calls_waiting = 0;                 ///< for their turn
    std::uint64_t descriptors = 0, descriptor_limit = 0; ///< of files and connections; limit 0: there is none
    LoopView loop;
};

} // namespace angod::admin
