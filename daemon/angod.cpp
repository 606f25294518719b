// The daemon's command line: read and check the configuration, then run, or look after the store.
#include "app/daemon.hpp"
#include "app/start_check.hpp"
#include "app/store_commands.hpp"
#include "base/descriptors.hpp"
#include "base/log.hpp"
#include "base/log_tail.hpp"
#include "base/own_process.hpp"
#include "base/plural.hpp"
#include "base/stderr.hpp"
#include "config/config.hpp"
#include "rest/http_client.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

namespace {

using namespace angod;

/// The last two tell a service manager that another start cannot help: see packaging/angod.service.in.
constexpr int kFailure = 1, kUsage = 2, kUnusable = 3;

/// The configuration could be read. Looks at what a start would need, and prints all findings.
int check_start(const std::string &file, const config::Config &config, const std::filesystem::path &host_program) {
    Log::configure("error", false); // the findings say the same
    const app::StartFindings found = app::check_start(config, host_program);
    Log::flush();
    for (const std::string &text : found.problems) Log::print("problem: " + text);
    for (const std::string &text : found.warnings) Log::print("warning: " + text);
    for (const std::string &text : found.notes) Log::print("note: " + text);
    if (!found.problems.empty()) {
        const std::size_t count = found.problems.size();
        Log::print(fmt::format("a start would meet {} problem{}; nothing was started", count, plural(count)));
        return kUsage;
    }
    const std::size_t plugins = config.plugins.size();
    std::printf("%s\n", fmt::format("{} is in order: {} plugin{}", file, plugins, plural(plugins)).c_str());
    return 0;
}

int run(int argc, char **argv) {
    CLI::App cli{"Plugin host daemon for Ango Hub"};
    std::string config_file;
    bool check_only = false;
    cli.add_option("--config", config_file, "Configuration file (JSON)")->required();
    cli.add_flag("--check-config", check_only,
                 "Check the configuration and all that a start would need, print the problems, and exit");
    cli.set_version_flag("--version", "angod " ANGOD_VERSION);
    cli.fallthrough(); // --config may also stand behind the command
    auto *store = cli.add_subcommand("store", "Look after the store of jobs while angod is stopped");
    store->require_subcommand(1);
    const auto *check = store->add_subcommand("check", "Tell what is damaged in the store; change nothing");
    const auto *salvage =
        store->add_subcommand("salvage", "Make a new store of all that can be read of a damaged one; keep the old one");
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &e) {
        return cli.exit(e) == 0 ? 0 : kUsage;
    }
    const auto loaded = config::load(config_file);
    for (const std::string &text : loaded.errors) Log::print("error: " + text);
    if (check_only || !loaded.config)
        for (const std::string &text : loaded.warnings) Log::print("warning: " + text);
    if (!loaded.config) {
        Log::print(fmt::format("{} problem{} in the configuration; nothing was started", loaded.errors.size(),
                               plural(loaded.errors.size())));
        return kUsage;
    }
    if (*check) return app::print_store_check(loaded.config->state_dir) ? 0 : kFailure;
    if (*salvage) return app::print_store_salvage(loaded.config->state_dir) ? 0 : kFailure;
    const auto host_program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "angod-host";
    if (check_only) return check_start(config_file, *loaded.config, host_program);
    // A person waits for the messages before this point, and may take any time to read them.
    Log::use_own_thread();
    keep_log_at_crash();
    log_tail(); // keeps lines from now on
    Log::configure(loaded.config->log.level, loaded.config->log.json);
    for (const std::string &text : loaded.warnings) Log().warning("{}", text);
    if (!loaded.config->connector.address.empty() && !rest::init_http()) {
        Log().error("cannot start: libcurl does not work on this machine");
        return kFailure;
    }
    const auto load_again = [file = std::filesystem::absolute(config_file).string()] { return config::load(file); };
    const auto ended = app::run_daemon(*loaded.config, load_again, host_program);
    if (!ended) {
        Log().error("cannot start: {}", ended.error().text);
        return ended.error().code == Code::invalid ? kUnusable : kFailure;
    }
    return 0;
}

/// The library's own handler writes to stderr and waits for its reader.
[[noreturn]] void end_at_once() {
    try {
        if (const std::exception_ptr cause = std::current_exception()) std::rethrow_exception(cause);
        angod::Log().error("angod ends after an internal error without an exception");
    } catch (const std::exception &e) {
        angod::Log().error("angod ends after an internal error: {}", e.what());
    } catch (...) {
        angod::Log().error("angod ends after an internal error of an unknown kind");
    }
    angod::Log::flush();
    std::abort();
}

} // namespace

int main(int argc, char **argv) {
    angod::return_freed_memory();
    angod::raise_descriptor_limit();
    std::set_terminate(end_at_once);
    int code = kFailure;
    try {
        code = run(argc, argv);
    } catch (const std::exception &e) {
        angod::Log().error("angod ends after an internal error: {}", e.what());
    }
    angod::Log::flush();
    return code;
}
