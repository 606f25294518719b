// Tries in advance what a start does, one thing after the other, and goes on after a finding.
//
// An angod that runs with the same state_dir holds the lock, the sockets and the listener: then they are left alone, because
// they prove nothing. Modules are tried by ModuleCheck.
// Thread: the caller's.
#include "app/start_check.hpp"

#include "app/module_check.hpp"
#include "base/file_access.hpp"
#include "base/files.hpp"
#include "base/local_listener.hpp"
#include "base/url.hpp"
#include "config/credentials.hpp"
#include "http/server.hpp"
#include "jobs/store_folder.hpp"
#include "socketio/net_stream.hpp"

#include <fmt/format.h>

#include <iterator>
#include <set>

namespace angod::app {

namespace {

namespace fs = std::filesystem;

class StartCheck {
public:
    explicit StartCheck(const config::Config &config) : config_(config) {}

    StartFindings all(const fs::path &host_program) {
        for (const config::Plugin &plugin : config_.plugins) credentials(plugin);
        authorities();
        const bool running = state_dir();
        if (running) {
            note(fmt::format(
                "angod is running with the state_dir {}; the store, the admin socket and the listener are its "
                "own, and were not tried",
                config_.state_dir.string()));
        } else {
            store();
            admin_socket();
            listener();
        }
        module_folders();
        ModuleFindings found = check_modules(config_, host_program);
        std::move(found.problems.begin(), found.problems.end(), std::back_inserter(findings_.problems));
        std::move(found.warnings.begin(), found.warnings.end(), std::back_inserter(findings_.warnings));
        return std::move(findings_);
    }

private:
    void problem(std::string text) { findings_.problems.push_back(std::move(text)); }
    void warning(std::string text) { findings_.warnings.push_back(std::move(text)); }
    void note(std::string text) { findings_.notes.push_back(std::move(text)); }

    void credentials(const config::Plugin &plugin) {
        config::CredentialFindings found = config::check_credentials(plugin);
        for (std::string &text : found.problems) problem(std::move(text));
        for (std::string &text : found.doubts) warning(std::move(text));
    }

    void authorities() {
        std::set<std::string> tried;
        for (const config::Plugin &plugin : config_.plugins) {
            const std::string &file = plugin.hub.ca_file;
            if (plugin.rest || !parse_url(plugin.hub.url)->encrypted() || !tried.insert(file).second) continue;
            if (const auto made = socketio::make_tls_context(file); !made) problem(made.error().text);
        }
    }

    /// True: another angod uses the folder.
    bool state_dir() {
        const auto wrong = jobs::access_problems(config_.state_dir);
        for (const std::string &text : wrong) problem("state_dir: " + text);
        if (const auto full = files::space_problem(config_.state_dir, jobs::kLeastSpace))
            problem("state_dir: " + *full);
        const fs::path lock = config_.state_dir / jobs::kLock;
        std::error_code failed;
        if (!wrong.empty() || !fs::exists(lock, failed)) return false;
        const auto taken = files::Lock::take(lock);
        if (!taken && taken.error().code != Code::full) problem(taken.error().text);
        return !taken && taken.error().code == Code::full;
    }

    void store() {
        std::error_code failed;
        if (!fs::exists(config_.state_dir, failed)) return;
        if (fs::exists(config_.state_dir / jobs::kSalvaged, failed))
            return note(fmt::format("the new store {} of a salvage is complete; the start puts it in its place",
                                    (config_.state_dir / jobs::kSalvaged).string()));
        if (const auto usable = jobs::examine(config_.state_dir); !usable) problem(usable.error().text);
    }

    /// Tried in full and removed again: a path that is too long, a missing group and a foreign file show only then.
    void admin_socket() {
        const fs::path &socket = config_.admin.socket, folder = files::existing_parent(socket.parent_path());
        if (const auto wrong = files::access_problem(folder, files::Need::write))
            return problem("admin.socket: " + *wrong);
        if (folder != fs::absolute(socket).parent_path()) return; // a start makes the folder
        std::error_code ignored;
        const bool was_there = fs::exists(socket, ignored);
        asio::io_context context;
        const auto listening = listen_local(context.get_executor(), {socket, config_.admin.mode, config_.admin.group});
        if (!listening) problem("admin.socket: " + listening.error().text);
        if (listening || !was_there) fs::remove(socket, ignored);
    }

    void listener() {
        if (config_.connector.address.empty()) return;
        asio::io_context context;
        const auto listening =
            http::listen_tcp(context.get_executor(), config_.connector.address, config_.connector.port);
        if (!listening) problem("connector.listen: " + listening.error().text);
    }

    void module_folders() {
        for (const fs::path &folder : config_.module_dirs) {
            std::error_code failed;
            if (const auto wrong = files::access_problem(folder, files::Need::read))
                problem("module_dirs: " + *wrong);
            else if (!fs::exists(folder, failed))
                warning(fmt::format("module_dirs: there is no folder {}", folder.string()));
            else if (!fs::is_directory(folder, failed))
                problem(fmt::format("module_dirs: {} is no folder", folder.string()));
        }
    }

    const config::Config &config_;
    StartFindings findings_;
};

} // namespace

StartFindings check_start(const config::Config &config, const fs::path &host_program) {
    return StartCheck(config).all(host_program);
}

} // namespace angod::app
