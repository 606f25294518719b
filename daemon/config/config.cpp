// Reads the main file, the files of its plugin_dir, and the secrets that they name. All problems are collected with file, line and
// key, and reported at once: after each, reading goes on with a default.
//
// Thread: the caller's; it blocks.
#include "config/config.hpp"

#include "base/files.hpp"
#include "base/host_port.hpp"
#include "config/hub_section.hpp"
#include "config/listen.hpp"
#include "config/reader.hpp"
#include "config/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace angod::config {

namespace {

constexpr std::uint64_t kMaxFile = 16u << 20;

bool good_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
}

Plugin read_plugin(Section &section, const Hub &defaults) {
    Plugin plugin;
    plugin.hub = defaults;
    section.required_text("name", plugin.name);
    if (!plugin.name.empty() && !good_name(plugin.name))
        section.error("name", "must be 1 to 64 letters, digits, '-', '_' or '.'");
    section.required_id("id", plugin.id);
    plugin.secret = read_secret(section);
    section.required_id("module", plugin.module);
    std::string kind;
    std::vector<std::string> kinds;
    for (const PluginKind k : kAllKinds) kinds.emplace_back(name_of(k));
    section.choice("kind", kind, kinds);
    plugin.kind = kind_of(kind);
    std::string connector;
    section.choice("connector", connector, {"ws", "rest"});
    plugin.rest = connector == "rest";
    std::int64_t concurrency = 0;
    section.integer("concurrency", concurrency, 1, 256);
    if (concurrency > 0) plugin.concurrency = concurrency;
    section.integer("timeout_s", plugin.timeout_s, 1, 7 * 86400);
    section.integer("max_attempts", plugin.max_attempts, 1, 100);
    std::int64_t max_age_s = 0;
    section.integer("max_age_s", max_age_s, 1, 365 * 86400);
    if (max_age_s > 0) plugin.max_age_s = max_age_s;
    section.integer("max_queued", plugin.max_queued, 1, 1000000);
    std::string start;
    section.choice("start", start, {"on-demand", "eager"});
    if (!start.empty()) plugin.eager = start == "eager";
    section.integer("idle_s", plugin.idle_s, 1, 7 * 86400);
    section.integer("memory_mb", plugin.memory_mb, 16, 10'000'000);
    std::string reload = "overlap";
    section.choice("reload", reload, {"overlap", "replace"});
    plugin.replace = reload == "replace";
    std::string hub_log = "on";
    section.choice("hub_log", hub_log, {"on", "errors", "off"});
    plugin.hub_log = hub_log == "off" ? HubLog::off : hub_log == "errors" ? HubLog::errors : HubLog::on;
    section.text_map("env", plugin.env);
    read_hub(section.section("hub"), plugin.hub);
    section.object_text("settings", plugin.settings);
    section.finish();
    return plugin;
}

void add_plugin(Section section, Config &config) {
    Plugin plugin = read_plugin(section, config.hub);
    for (const Plugin &other : config.plugins) {
        if (!plugin.name.empty() && other.name == plugin.name)
            section.error("name", fmt::format("\"{}\" names another plugin already", plugin.name));
        if (!plugin.id.empty() && other.id == plugin.id)
            section.error("id",
                          fmt::format("is the id of plugin \"{}\" already; one plugin has one connection", other.name));
        if (plugin.rest && other.rest && !plugin.secret.empty() && other.secret == plugin.secret)
            section.error("connector", fmt::format("has the secret of plugin \"{}\", by which Hub's calls are told "
                                                   "apart; give one of them a new secret in Hub",
                                                   other.name));
    }
    config.plugins.push_back(std::move(plugin));
}

/// One JSON object per file, in the order of the file names.
void read_plugin_dir(const std::filesystem::path &folder, Config &config, Problems &problems) {
    std::vector<std::filesystem::path> paths;
    std::error_code failed;
    for (const auto &entry : std::filesystem::directory_iterator(folder, failed))
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
    if (failed) problems.errors.push_back(fmt::format("plugin_dir {}: {}", folder.string(), failed.message()));
    std::sort(paths.begin(), paths.end());
    for (const auto &path : paths) {
        const auto text = files::read(path, kMaxFile);
        if (!text) {
            problems.errors.push_back(text.error().text);
            continue;
        }
        if (const auto file = File::parse(path.string(), *text, problems))
            add_plugin(Section(*file, "", &file->root(), problems), config);
    }
}

/// angod's copies of modules would be taken for modules in turn, and copies that are not needed are removed. A folder that is
/// named twice counts where it stands last, because the later one of two folders wins.
void check_module_dirs(Section &root, Config &config) {
    const auto plain = [](const std::filesystem::path &path) {
        std::error_code failed;
        const auto resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
        const auto clean = (failed ? path : resolved).lexically_normal();
        return clean.has_filename() ? clean : clean.parent_path(); // without a slash at the end
    };
    std::set<std::filesystem::path> seen;
    std::vector<std::filesystem::path> once;
    for (auto folder = config.module_dirs.rbegin(); folder != config.module_dirs.rend(); ++folder)
        if (seen.insert(plain(*folder)).second) once.insert(once.begin(), *folder);
    config.module_dirs = std::move(once);
    const auto staging = plain(config.staging_dir());
    for (const auto &folder : config.module_dirs) {
        const auto module_dir = plain(folder);
        if (std::mismatch(staging.begin(), staging.end(), module_dir.begin(), module_dir.end()).first == staging.end())
            root.error("module_dirs", fmt::format("{} is where angod keeps its own copies of modules; name another "
                                                  "folder",
                                                  folder.string()));
    }
}

void read_admin(Section section, Config &config) {
    std::string socket = config.admin.socket.string(), mode;
    section.text("socket", socket);
    config.admin.socket = socket;
    section.text("mode", mode);
    if (!mode.empty()) {
        const bool octal =
            mode.size() <= 4 && std::all_of(mode.begin(), mode.end(), [](char c) { return c >= '0' && c <= '7'; });
        if (octal)
            config.admin.mode = static_cast<unsigned>(std::stoul(mode, nullptr, 8));
        else
            section.error("mode", "must be an octal file mode such as \"0660\"");
    }
    section.text("group", config.admin.group);
    section.finish();
}

/// If "listen" has no port, the environment variable of serverless platforms gives it.
void read_connector(Section section, bool needed, Config &config) {
    std::string text;
    section.text("listen", text);
    section.integer("hold_s", config.connector.hold_s, 1, 3600);
    section.flag("hold_workflow", config.connector.hold_workflow);
    section.finish();
    Listen listen{"0.0.0.0", std::nullopt};
    text = without_blank_ends(text);
    if (!text.empty()) {
        auto parsed = parse_listen(text);
        if (!parsed) return section.error("listen", parsed.error().text);
        listen = std::move(*parsed);
    }
    if (!needed) {
        if (!text.empty()) section.warning("listen", "is not used: no plugin has \"connector\": \"rest\"");
        return;
    }
    if (const char *port = std::getenv("PORT"); !listen.port && port && *port) {
        listen.port = port_of(without_blank_ends(port));
        if (!listen.port) return section.error("listen", "the environment variable PORT is no port");
    }
    if (!listen.port)
        return section.error("listen", "names no port, nor does the environment variable PORT, and a plugin has "
                                       "\"connector\": \"rest\"; say for example \"0.0.0.0:8080\"");
    config.connector.address = listen.address;
    config.connector.port = *listen.port;
}

void read_root(Section &root, Config &config, Problems &problems) {
    config.hub.proxies = proxies_of_environment();
    read_hub(root.section("hub"), config.hub);
    std::vector<std::string> module_dirs;
    root.texts("module_dirs", module_dirs);
    if (root.has("module_dirs")) config.module_dirs.assign(module_dirs.begin(), module_dirs.end());
    std::string state_dir = config.state_dir.string();
    root.text("state_dir", state_dir);
    config.state_dir = state_dir;
    if (state_dir.empty() || state_dir[0] != '/') root.error("state_dir", "must be an absolute path");
    check_module_dirs(root, config);
    read_admin(root.section("admin"), config);

    Section log = root.section("log");
    std::string format = "text";
    log.choice("level", config.log.level, {"debug", "info", "warning", "warn", "error"});
    log.choice("format", format, {"text", "json"});
    config.log.json = format == "json";
    log.finish();

    Section limits = root.section("limits");
    limits.integer("max_hosts", config.limits.max_hosts, 1, 10000);
    limits.integer("queue_mb", config.limits.queue_mb, 1, 10'000'000);
    limits.integer("hub_calls_per_minute", config.limits.hub_calls_per_minute, 0, 10'000);
    limits.integer("spool_mb", config.limits.spool_mb, 1, 10'000'000);
    limits.integer("unzip_mb", config.limits.unzip_mb, 1, 10'000'000);
    limits.integer("asset_mb", config.limits.asset_mb, 1, 2000);
    limits.finish();

    Section crash = root.section("crash");
    crash.integer("count", config.crash.count, 1, 1000);
    crash.integer("within_s", config.crash.within_s, 1, 86400);
    crash.finish();
    root.integer("drain_s", config.drain_s, 0, 3600);
    std::string durability = "process";
    root.choice("durability", durability, {"process", "power"});
    config.power_safe = durability == "power";
    root.integer("retention_days", config.retention_days, 1, 3650);
    for (Section &plugin : root.sections("plugins")) add_plugin(std::move(plugin), config);
    std::string plugin_dir;
    root.text("plugin_dir", plugin_dir);
    if (!plugin_dir.empty()) read_plugin_dir(plugin_dir, config, problems);
    const bool rest = std::any_of(config.plugins.begin(), config.plugins.end(), [](const Plugin &p) { return p.rest; });
    read_connector(root.section("connector"), rest, config);
    root.finish();
}

} // namespace

Loaded load(const std::filesystem::path &path) {
    Loaded loaded;
    Problems problems;
    Config config;
    const auto text = files::read(path, kMaxFile);
    if (!text) {
        loaded.errors.push_back(text.error().text);
        return loaded;
    }
    if (const auto file = File::parse(path.string(), *text, problems)) {
        Section root(*file, "", &file->root(), problems);
        read_root(root, config, problems);
        check_proxy_environment(config, problems);
    }
    loaded.errors = std::move(problems.errors);
    loaded.warnings = std::move(problems.warnings);
    if (loaded.errors.empty()) loaded.config = std::move(config);
    return loaded;
}

} // namespace angod::config
