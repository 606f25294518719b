// Tries the modules of a configuration without a supervisor: each file and each plugin gets a host that is asked once.
//
// The copies lie in a folder of their own, so that a running angod, which removes unknown copies from its staging folder,
// is not disturbed. Plugins with the same module, settings and environment share one try.
// Thread: an event loop that lives as long as the call.
#include "app/module_check.hpp"

#include "app/plugin_kind.hpp"
#include "base/async.hpp"
#include "base/file_access.hpp"
#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/orphans.hpp"
#include "supervisor/folder_listing.hpp"
#include "supervisor/host_process.hpp"
#include "supervisor/module_files.hpp"
#include "supervisor/module_probe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

namespace angod::app {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using supervisor::HostProcess;
using supervisor::ModuleVersion;

constexpr std::string_view kCopies = "check-"; ///< a folder of the copies, before its id
/// A check takes minutes at most.
constexpr auto kLeftBehind = 1h;

/// Where the copies lie: on the file system where a start puts them, if it can be used already.
fs::path folder_for_copies(const config::Config &config) {
    std::error_code failed;
    const bool usable =
        fs::is_directory(config.state_dir, failed) && !files::access_problem(config.state_dir, files::Need::write);
    return (usable ? config.state_dir : fs::temp_directory_path()) / (std::string(kCopies) + new_id());
}

class ModuleCheck {
public:
    ModuleCheck(asio::io_context &context, const config::Config &config, const Program &program, fs::path copies)
        : config_(config), program_(program), probe_(context.get_executor(), std::move(copies), program, Log()) {}
    ModuleCheck(const ModuleCheck &) = delete;
    ModuleCheck &operator=(const ModuleCheck &) = delete;

    awaitable<void> all() {
        for (const fs::path &folder : config_.module_dirs) {
            const std::vector<fs::path> files = libraries_in(folder);
            for (const fs::path &file : files) co_await look_at(file);
        }
        for (const config::Plugin &plugin : config_.plugins) co_await try_plugin(plugin);
        for (auto &[name, reason] : refused_)
            if (!reason.used) found_.warnings.push_back("module refused: " + reason.text);
    }
    ModuleFindings take() { return std::move(found_); }

private:
    struct Refusal {
        std::string text;
        bool used = false; ///< a plugin's problem tells of it
    };

    /// In the order of their names. A folder that cannot be read is told of by check_start.
    static std::vector<fs::path> libraries_in(const fs::path &folder) {
        std::vector<fs::path> files;
        for (const auto &[file, stamp] : supervisor::list_modules(folder).files) files.push_back(file);
        std::sort(files.begin(), files.end());
        return files;
    }

    awaitable<void> look_at(fs::path file) {
        auto staged = co_await probe_.stage(file);
        if (!staged) {
            refuse(file, staged.error().text);
            co_return;
        }
        auto info = co_await probe_.ask(*staged);
        if (!info) {
            refuse(file, info.error().text);
            co_return;
        }
        ModuleVersion version = std::move(*staged);
        version.info = std::move(*info);
        const auto there = modules_.find(version.info.id);
        if (there != modules_.end() && there->second.source.parent_path() == file.parent_path()) {
            found_.warnings.push_back(fmt::format("module {}: {} and {} have the same id; remove one of them",
                                                  version.info.id, there->second.source.string(), file.string()));
            co_return;
        }
        refused_.erase(version.info.id);
        const std::string id = version.info.id;
        modules_.insert_or_assign(id, std::move(version)); // the later folder wins
    }

    /// In a later folder, a file that cannot be used stands in the way of one in an earlier folder.
    void refuse(const fs::path &file, const std::string &why) {
        const std::string id = supervisor::id_by_name(file);
        modules_.erase(id);
        refused_[id] = {why, false};
    }

    awaitable<void> try_plugin(const config::Plugin &plugin) {
        const auto say = [&](std::string_view why) {
            found_.problems.push_back(fmt::format("plugin {}: {}", plugin.name, why));
        };
        const auto module = modules_.find(plugin.module);
        if (module == modules_.end()) {
            const auto refusal = refused_.find(plugin.module);
            if (refusal != refused_.end()) {
                refusal->second.used = true;
                say("its module is refused: " + refusal->second.text);
            } else {
                std::vector<std::string> folders;
                for (const fs::path &folder : config_.module_dirs) folders.push_back(folder.string());
                say(fmt::format("there is no module \"{}\" in {}", plugin.module, fmt::join(folders, ", ")));
            }
            co_return;
        }
        const supervisor::Generation generation{1, module->second};
        const auto kind = kind_of_plugin(plugin, generation);
        if (!kind) {
            say(kind.error().text);
            co_return;
        }
        std::string fact = fmt::format("{} {} {}", plugin.module, name_of(*kind), plugin.settings);
        for (const auto &[name, value] : plugin.env) fact += fmt::format("\n{}={}", name, value);
        auto known = tried_.find(fact);
        if (known == tried_.end()) {
            auto outcome = co_await open(plugin, module->second, *kind);
            known = tried_.emplace(std::move(fact), std::move(outcome)).first;
        }
        if (!known->second) say(known->second.error().text);
    }

    awaitable<Result<void>> open(const config::Plugin &plugin, const ModuleVersion &version, PluginKind kind) {
        supervisor::HostOptions options;
        options.label = plugin.name;
        options.generation = 1;
        options.module_path = version.staged.string();
        options.environment = plugin.env;
        options.memory = static_cast<std::uint64_t>(plugin.memory_mb) << 20;
        Log log = Log().with("plugin", plugin.name);
        const auto started = co_await HostProcess::launch(program_, std::move(options), std::move(log));
        if (!started) co_return started.error();
        const std::shared_ptr<HostProcess> host = *started;
        auto ready = co_await host->load();
        if (!ready) co_return ready;
        host_protocol::OpenPlugin request{plugin.name, static_cast<std::uint64_t>(kind), plugin.settings};
        ready = co_await host->open_plugin(std::move(request));
        co_await host->leave(2s);
        co_return ready;
    }

    const config::Config &config_;
    const Program &program_;
    supervisor::ModuleProbe probe_;
    std::map<std::string, ModuleVersion> modules_; ///< by id: those that would serve
    std::map<std::string, Refusal> refused_;       ///< by the id that the file's name suggests
    std::map<std::string, Result<void>> tried_;
    ModuleFindings found_;
};

} // namespace

ModuleFindings check_modules(const config::Config &config, const fs::path &host_program) {
    const auto program = Program::open(host_program);
    if (!program) return {{program.error().text}, {}};
    const fs::path copies = folder_for_copies(config);
    ModuleFindings found;
    {
        asio::io_context context;
        adopt_orphans(context);
        ModuleCheck check(context, config, *program, copies);
        asio::co_spawn(context, check.all(), [&](std::exception_ptr failed) {
            context.stop();
            if (failed) std::rethrow_exception(failed);
        });
        context.run();
        found = check.take();
    }
    files::remove_all(copies);
    return found;
}

void remove_old_checks(const fs::path &state_dir) {
    std::error_code failed;
    std::vector<fs::path> old;
    for (const auto &entry : fs::directory_iterator(state_dir, failed)) {
        if (!entry.path().filename().string().starts_with(kCopies)) continue;
        const auto written = entry.last_write_time(failed);
        if (!failed && fs::file_time_type::clock::now() - written > kLeftBehind) old.push_back(entry.path());
    }
    for (const fs::path &folder : old) files::remove_all(folder);
}

} // namespace angod::app
