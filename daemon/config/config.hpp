// The configuration as checked values. Keys that are not in the file have the defaults below.
#pragma once

#include "base/proxy.hpp"
#include "base/result.hpp"
#include "host_protocol/kind.hpp"
#include "host_protocol/run_limits.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace angod::config {

struct Hub {
    std::string url = "https://plugin.imerit.ango.ai"; ///< plugin connection
    std::string api_url = "https://imeritapi.ango.ai"; ///< REST, no slash at the end
    bool names_url = false, names_api = false;         ///< the file names it; otherwise it follows from the other
    std::string ca_file;                               ///< empty: the system's authorities
    ProxyRules proxies;                                ///< of "proxy" or of the environment; checked
    bool insecure = false;                             ///< plaintext to other machines is allowed
    bool ask_ack = false;                              ///< Hub is asked to acknowledge a heartbeat of each connection
    bool operator==(const Hub &) const = default;
};

/// The lines of a run's log that go to its session in Hub.
enum class HubLog { on, errors, off };

struct Plugin {
    std::string name; ///< unique
    std::string id;   ///< of Hub
    std::string secret;
    std::string module;
    std::optional<PluginKind> kind;          ///< absent: the module's only one
    bool rest = false;                       ///< "connector": "rest": Hub calls angod, instead of a connection to Hub
    std::optional<std::int64_t> concurrency; ///< absent: by kind and module
    std::int64_t timeout_s = 3600;
    std::int64_t max_attempts = 2;
    std::optional<std::int64_t> max_age_s; ///< absent: by kind
    std::int64_t max_queued = 1000;
    std::optional<bool> eager; ///< absent: by kind
    std::int64_t idle_s = 300;
    std::int64_t memory_mb = 0; ///< that a host may use; 0: no limit
    bool replace = false;       ///< "reload": "replace": no two generations of its module side by side
    HubLog hub_log = HubLog::on;
    std::map<std::string, std::string> env;
    Hub hub;
    std::string settings = "{}"; ///< JSON object
    bool operator==(const Plugin &) const = default;
};

struct Config {
    Hub hub;
    std::vector<std::filesystem::path> module_dirs = {"/usr/lib/angod/modules", "/var/lib/angod/modules"};
    std::filesystem::path state_dir = "/var/lib/angod";
    struct {
        std::filesystem::path socket = "/run/angod/admin.sock";
        unsigned mode = 0660;
        std::string group;
    } admin;
    struct {
        std::string address; ///< numeric; empty: nothing listens, and no plugin is "rest"
        std::uint16_t port = 0;
        std::int64_t hold_s = 50;   ///< how long Hub's call of a plugin waits for its answer
        bool hold_workflow = false; ///< a call for a task of a workflow waits as well
    } connector;
    struct {
        std::string level = "info";
        bool json = false;
    } log;
    struct Limits : host_protocol::RunLimits {
        std::int64_t max_hosts = 64;
        std::int64_t queue_mb = 4096;          ///< of the events of all open jobs
        std::int64_t hub_calls_per_minute = 0; ///< of Hub's REST API with one key; 0: learned from Hub's refusals
        std::uint32_t hub_calls() const { return static_cast<std::uint32_t>(hub_calls_per_minute); }
        std::uint64_t queue_bytes() const { return static_cast<std::uint64_t>(queue_mb) << 20; }
    } limits;
    struct {
        std::int64_t count = 3, within_s = 60;
    } crash;
    std::int64_t drain_s = 30;
    bool power_safe = false; ///< "durability": "power"
    std::int64_t retention_days = 30;
    std::vector<Plugin> plugins;

    /// The folder of the copies of modules that hosts load. angod removes everything else from it.
    std::filesystem::path staging_dir() const { return state_dir / "staged"; }
};

struct Loaded {
    std::optional<Config> config;    ///< empty if there are errors
    std::vector<std::string> errors; ///< one sentence each, with file, line and key
    std::vector<std::string> warnings;
};

/// The changed keys that a running angod cannot apply.
std::vector<std::string> needs_restart(const Config &now, const Config &next);
/// Copies all other values of next to now.
void take_over(Config &now, Config next);

/// Reads the file, the files of its plugin_dir and the secrets they name. Reports all problems at once.
Loaded load(const std::filesystem::path &file);

} // namespace angod::config
