// Steers a running angod over its admin socket; helps to write modules without one.
#include "base/json.hpp"
#include "base/local_listener.hpp"
#include "base/url.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/logs.hpp"
#include "ctl/new.hpp"
#include "ctl/run.hpp"
#include "ctl/tables.hpp"
#include "http/http.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace {

using namespace angod;

using ctl::kFailure, ctl::kUsage;

struct Options {
    std::string socket = "/run/angod/admin.sock";
    bool json = false;
};

/// An answer that is there and is no error; what else came is told on stderr.
bool is_good(const Result<http::Response> &response) {
    if (!response) {
        std::fprintf(stderr, "%s\n", response.error().text.c_str());
        return false;
    }
    if (response->status < 400) return true;
    const auto document = json::parse(response->body);
    const json::Value *problem = document ? json::find(*document, "error") : nullptr;
    std::fprintf(stderr, "%s\n",
                 problem ? json::text_or(*problem, "message", response->body).c_str() : response->body.c_str());
    return false;
}

Result<LocalSocket> connect(boost::asio::io_context &context, const Options &options) {
    auto socket = connect_local(context.get_executor(), options.socket);
    if (socket) return socket;
    return error(socket.error().code, socket.error().text + "; is angod running, and is --socket right?");
}

/// Sends the request and prints the answer: as it is with --json, else through the table.
int ask(const Options &options, const std::string &method, const std::string &target,
        std::string (*table)(const json::Value &)) {
    boost::asio::io_context context;
    auto socket = connect(context, options);
    const auto response =
        socket ? http::request_local(*socket, method, target, "") : Result<http::Response>(socket.error());
    if (!is_good(response)) return kFailure;
    const auto document = json::parse(response->body);
    if (options.json || !document)
        std::printf("%s\n", response->body.c_str());
    else
        std::fputs(table(*document).c_str(), stdout);
    return 0;
}

/// Prints an answer as it comes: each line through the text, or as it is if there is none.
int print_lines(const Options &options, const std::string &target, std::string (*text)(std::string_view)) {
    boost::asio::io_context context;
    auto socket = connect(context, options);
    ctl::LineReader lines;
    const auto print = [&](std::string_view piece) {
        lines.add(piece, [&](std::string_view line) {
            const std::string shown = text && !options.json ? text(line) : std::string(line) + "\n";
            std::fwrite(shown.data(), 1, shown.size(), stdout);
        });
        std::fflush(stdout); // who follows may look through a pipe
    };
    const auto response = socket ? http::follow_local(*socket, target, print) : Result<http::Response>(socket.error());
    return is_good(response) ? 0 : kFailure;
}

/// Where this program lies: angod-host is beside it.
std::filesystem::path own_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

/// angoctl loads no module itself: angod-host does, in a process of its own.
int inspect(const std::string &file, const std::string &settings) {
    const auto host = own_folder() / "angod-host";
    if (settings.empty())
        ::execl(host.c_str(), "angod-host", "inspect", file.c_str(), nullptr);
    else
        ::execl(host.c_str(), "angod-host", "inspect", file.c_str(), "--settings", settings.c_str(), nullptr);
    std::fprintf(stderr, "cannot run %s\n", host.c_str());
    return kFailure;
}

int run(int argc, char **argv) {
    Options options;
    CLI::App cli{"Steers angod"};
    cli.add_option("--socket", options.socket, "Admin socket")->capture_default_str();
    cli.add_flag("--json", options.json, "Print the answer as JSON");
    cli.set_version_flag("--version", "angoctl " ANGOD_VERSION);
    cli.require_subcommand(1);
    cli.fallthrough(); // --json and --socket may also stand behind the command
    std::string plugin, plugin_verb, job, job_verb, module, module_verb, plugin_filter, state, file, settings;
    std::string log_plugin, log_job, log_level;
    bool follow = false;
    int limit = 50;
    auto *status_command = cli.add_subcommand("status", "The daemon at a glance");
    auto *plugins_command = cli.add_subcommand("plugins", "All plugins: is the light green, what is waiting");
    auto *plugin_command = cli.add_subcommand("plugin", "One plugin");
    plugin_command->add_option("NAME", plugin)->required();
    plugin_command
        ->add_option(
            "VERB", plugin_verb,
            "disable: answer what waits and close the connection; enable; restart: connect anew, with new hosts")
        ->check(CLI::IsMember({"enable", "disable", "restart"}));
    auto *jobs_command = cli.add_subcommand("jobs", "Recent jobs, the newest first");
    jobs_command->add_option("--plugin", plugin_filter, "Only of this plugin");
    jobs_command->add_option("--state", state, "Only in this state");
    jobs_command->add_option("--limit", limit, "How many")->capture_default_str();
    auto *job_command = cli.add_subcommand("job", "One job");
    job_command->add_option("ID", job)->required();
    job_command->add_option("VERB", job_verb, "cancel: end it; retry: do not wait with its repetition")
        ->check(CLI::IsMember({"cancel", "retry"}));
    auto *modules_command = cli.add_subcommand("modules", "All modules: which version serves, what was refused");
    auto *module_command = cli.add_subcommand("module", "One module, with its last generations");
    module_command->add_option("ID", module)->required();
    module_command->add_option("VERB", module_verb, "reload: try its file again; rollback: to the version before")
        ->check(CLI::IsMember({"reload", "rollback"}));
    auto *logs_command = cli.add_subcommand("logs", "The last lines of the log");
    logs_command->add_flag("-f,--follow", follow, "And those that come, until angod ends");
    logs_command->add_option("--plugin", log_plugin, "Only of this plugin");
    logs_command->add_option("--job", log_job, "Only of this job");
    logs_command->add_option("--level", log_level, "Only of this level and above: debug, info, warning, error");
    auto *metrics_command = cli.add_subcommand("metrics", "Counts and gauges, as Prometheus reads them");
    auto *reload_command = cli.add_subcommand("reload", "Take over what has changed in the configuration");
    cli.add_subcommand("shutdown", "Let running jobs end, deliver answers, and stop");
    auto *inspect_command = cli.add_subcommand("inspect", "What a module file says of itself; needs no daemon");
    inspect_command->add_option("MODULE.so", file)->required();
    inspect_command->add_option("--settings", settings, "Of a plugin, as JSON: its classes follow from them");
    std::string kind, name, dir = ".";
    auto *new_command = cli.add_subcommand("new", "Begin a module of your own in a new folder; needs no daemon");
    new_command->add_option("KIND", kind, "export, model, batch-model, file-explorer, markdown or input")->required();
    new_command->add_option("NAME", name, "Of the folder, and the module's id: a-z, 0-9 and '-'")->required();
    new_command->add_option("--dir", dir, "Where the folder is made")->capture_default_str();
    ctl::RunOptions trial;
    trial.out = "out";
    auto *run_command = cli.add_subcommand("run", "Run one job of a module file; needs no daemon and no Hub");
    run_command->add_option("MODULE.so", trial.module)->required();
    run_command->add_option("--event", trial.event, "The event as Hub sends it, JSON; what is missing is filled in");
    run_command->add_option("--kind", trial.kind, "Needed if the module serves several");
    run_command->add_option("--export", trial.export_file,
                            "The assets: an export of Hub, as NDJSON, JSON array or zip; for the kinds export and "
                            "batch-model");
    run_command->add_option("--input", trial.input_file, "Of the kind markdown: the CSV, in place of the event's");
    run_command->add_option("--out", trial.out, "Folder for the files that it makes")->capture_default_str();
    run_command->add_option("--settings", trial.settings, "Of the plugin, JSON or @FILE");
    run_command->add_option("--timeout", trial.timeout_s, "Seconds")->capture_default_str();
    run_command->add_option("--url", trial.api_url, "API of a real Hub: what the job changes is changed there");
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &e) {
        return cli.exit(e) == 0 ? 0 : kUsage;
    }
    if (*inspect_command) return inspect(file, settings);
    if (*new_command) return ctl::new_module(kind, name, dir, own_folder().parent_path());
    if (*run_command) return ctl::run_module(trial, own_folder() / "angod-host");
    if (*status_command) return ask(options, "GET", "/v1/status", ctl::status_table);
    if (*plugins_command) return ask(options, "GET", "/v1/plugins", ctl::plugins_table);
    if (*reload_command) return ask(options, "POST", "/v1/reload", ctl::details);
    if (*plugin_command && !plugin_verb.empty())
        return ask(options, "POST", "/v1/plugins/" + percent_encode(plugin) + "/" + plugin_verb, ctl::details);
    if (*plugin_command) return ask(options, "GET", "/v1/plugins/" + percent_encode(plugin), ctl::details);
    if (*job_command && !job_verb.empty())
        return ask(options, "POST", "/v1/jobs/" + percent_encode(job) + "/" + job_verb, ctl::details);
    if (*job_command) return ask(options, "GET", "/v1/jobs/" + percent_encode(job), ctl::details);
    if (*modules_command) return ask(options, "GET", "/v1/modules", ctl::modules_table);
    if (*module_command && !module_verb.empty())
        return ask(options, "POST", "/v1/modules/" + percent_encode(module) + "/" + module_verb, ctl::details);
    if (*module_command) return ask(options, "GET", "/v1/modules/" + percent_encode(module), ctl::module_details);
    if (*jobs_command) {
        std::string target = "/v1/jobs?limit=" + std::to_string(limit);
        if (!plugin_filter.empty()) target += "&plugin=" + percent_encode(plugin_filter);
        if (!state.empty()) target += "&state=" + percent_encode(state);
        return ask(options, "GET", target, ctl::jobs_table);
    }
    if (*logs_command) {
        std::string target = follow ? "/v1/logs?follow=1" : "/v1/logs?follow=0";
        if (!log_plugin.empty()) target += "&plugin=" + percent_encode(log_plugin);
        if (!log_job.empty()) target += "&job=" + percent_encode(log_job);
        if (!log_level.empty()) target += "&level=" + percent_encode(log_level);
        return print_lines(options, target, ctl::log_text);
    }
    if (*metrics_command) return print_lines(options, "/metrics", nullptr);
    return ask(options, "POST", "/v1/shutdown", ctl::details);
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception &e) {
        std::fprintf(stderr, "angoctl: %s\n", e.what());
        return kFailure;
    }
}
