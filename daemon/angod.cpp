// The daemon's command line: read and check the configuration, then run.
#include "app/daemon.hpp"
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

constexpr int kFailure = 1, kUsage = 2;

int run(int argc, char **argv) {
    using namespace angod;
    CLI::App cli{"Plugin host daemon for Ango Hub"};
    std::string config_file;
    bool check_only = false;
    cli.add_option("--config", config_file, "Configuration file (JSON)")->required();
    cli.add_flag("--check-config", check_only, "Check the configuration, print its problems, and exit");
    cli.set_version_flag("--version", "angod " ANGOD_VERSION);
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
    if (check_only) {
        const std::size_t plugins = loaded.config->plugins.size();
        std::printf("%s\n", fmt::format("{} is in order: {} plugin{}", config_file, plugins, plural(plugins)).c_str());
        return 0;
    }
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
    const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "angod-host";
    const auto ended = app::run_daemon(*loaded.config, load_again, beside);
    if (!ended) {
        Log().error("cannot start: {}", ended.error().text);
        return kFailure;
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
