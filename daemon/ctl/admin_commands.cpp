// The commands that ask a running angod, and doctor. Most are one request to the admin socket and a table of its answer. The
// words of a command live in a shared object that its call holds, because they are filled in by the parser later.
// Thread: the caller's; each call blocks.
#include "base/percent.hpp"
#include "ctl/admin_client.hpp"
#include "ctl/commands.hpp"
#include "ctl/doctor.hpp"
#include "ctl/logs.hpp"
#include "ctl/record.hpp"
#include "ctl/tables.hpp"

#include <memory>

namespace angod::ctl {

namespace {

using Table = std::string (*)(const json::Value &);

/// A command that is one request without words of its own.
Command plain(CLI::App &cli, const Options &options, const char *name, const char *help, const char *method,
              const char *target, Table table) {
    auto *words = cli.add_subcommand(name, help);
    return {words, [&options, method, target, table] { return ask(options, method, target, table); }};
}

/// A command about one thing: it shows the thing, or does with it what a verb says.
struct OfOne {
    const char *name, *help, *key; ///< "plugin", "One plugin", "NAME"
    const char *path;              ///< "/v1/plugins/"
    std::vector<std::string> verbs;
    const char *verbs_help;
    Table table;
};
Command of_one(CLI::App &cli, const Options &options, const OfOne &about) {
    struct Words {
        std::string key, verb;
    };
    const auto words = std::make_shared<Words>();
    auto *command = cli.add_subcommand(about.name, about.help);
    command->add_option(about.key, words->key)->required();
    command->add_option("VERB", words->verb, about.verbs_help)->check(CLI::IsMember(about.verbs));
    return {command, [&options, words, path = about.path, table = about.table] {
                const std::string target = path + percent_encode(words->key);
                return words->verb.empty() ? ask(options, "GET", target, table)
                                           : ask(options, "POST", target + "/" + words->verb, details);
            }};
}

void add_filter(std::string &target, const char *name, const std::string &value) {
    if (!value.empty()) target += std::string("&") + name + "=" + percent_encode(value);
}

Command jobs(CLI::App &cli, const Options &options) {
    struct Filter {
        std::string plugin, state;
        int limit = 50;
    };
    const auto filter = std::make_shared<Filter>();
    auto *command = cli.add_subcommand("jobs", "Show recent jobs, the newest first");
    command->add_option("--plugin", filter->plugin, "Only jobs of this plugin");
    command->add_option("--state", filter->state, "Only jobs in this state");
    command->add_option("--limit", filter->limit, "How many jobs to show")->capture_default_str();
    return {command, [&options, filter] {
                std::string target = "/v1/jobs?limit=" + std::to_string(filter->limit);
                add_filter(target, "plugin", filter->plugin);
                add_filter(target, "state", filter->state);
                return ask(options, "GET", target, jobs_table);
            }};
}

Command logs(CLI::App &cli, const Options &options) {
    struct Filter {
        bool follow = false;
        std::string plugin, job, level;
    };
    const auto filter = std::make_shared<Filter>();
    auto *command = cli.add_subcommand("logs", "Show the last lines of the log");
    command->add_flag("-f,--follow", filter->follow, "Also show new lines as they come, until angod ends");
    command->add_option("--plugin", filter->plugin, "Only lines of this plugin");
    command->add_option("--job", filter->job, "Only lines of this job");
    command->add_option("--level", filter->level, "Only lines of this level and above: debug, info, warning, error");
    return {command, [&options, filter] {
                std::string target = filter->follow ? "/v1/logs?follow=1" : "/v1/logs?follow=0";
                add_filter(target, "plugin", filter->plugin);
                add_filter(target, "job", filter->job);
                add_filter(target, "level", filter->level);
                return print_lines(options, target, log_text);
            }};
}

Command metrics(CLI::App &cli, const Options &options) {
    auto *command = cli.add_subcommand("metrics", "Show counters and gauges in the text format of Prometheus");
    return {command, [&options] { return print_lines(options, "/metrics", nullptr); }};
}

Command doctor(CLI::App &cli, const Options &options) {
    struct Words {
        std::string config = "/etc/angod/angod.json";
        RecordOptions record;
    };
    const auto words = std::make_shared<Words>();
    RecordOptions *const what = &words->record;
    auto *command =
        cli.add_subcommand("doctor", "Look for what keeps plugins from Hub: DNS, TCP, TLS, proxy, clock, admin "
                                     "socket, disk; needs no running angod");
    command->add_option("--config", words->config, "The configuration of angod")->capture_default_str();
    auto *plugin = command->add_option(
        "--record", what->plugin, "Instead, record what Hub sends to this plugin, without names, keys and contents");
    command->add_option("--seconds", what->seconds, "How long to record")
        ->capture_default_str()
        ->check(CLI::Range(1, 600))
        ->needs(plugin);
    command->add_option("-o,--output", what->output, "A file for the recording; stdout if there is none")
        ->needs(plugin);
    return {command, [&options, words] {
                if (words->record.plugin.empty()) return doctor(options, words->config);
                return record(options, words->record);
            }};
}

} // namespace

Commands add_admin_commands(CLI::App &cli, const Options &options) {
    const OfOne plugin{"plugin",
                       "Show or change one plugin",
                       "NAME",
                       "/v1/plugins/",
                       {"enable", "disable", "restart"},
                       "disable: answer the waiting jobs and close the connection; enable: connect again; restart: "
                       "reconnect with new hosts",
                       details};
    const OfOne job{"job",       "Show or change one job", "ID",
                    "/v1/jobs/", {"cancel", "retry"},      "cancel: end the job; retry: start its next attempt now",
                    job_details};
    const OfOne module{"module",
                       "Show or change one module, with its last generations",
                       "ID",
                       "/v1/modules/",
                       {"reload", "rollback"},
                       "reload: try its file again; rollback: return to the rollback target",
                       module_details};
    Commands all;
    all.push_back(plain(cli, options, "status", "Show the state of the daemon", "GET", "/v1/status", status_table));
    all.push_back(plain(cli, options, "plugins", "Show all plugins: whether the light is green, and how many jobs wait",
                        "GET", "/v1/plugins", plugins_table));
    all.push_back(of_one(cli, options, plugin));
    all.push_back(jobs(cli, options));
    all.push_back(of_one(cli, options, job));
    all.push_back(plain(cli, options, "modules", "Show all modules: the version in use, and refused files", "GET",
                        "/v1/modules", modules_table));
    all.push_back(of_one(cli, options, module));
    all.push_back(logs(cli, options));
    all.push_back(metrics(cli, options));
    all.push_back(doctor(cli, options));
    all.push_back(plain(cli, options, "reload", "Read the configuration again and apply the changes", "POST",
                        "/v1/reload", details));
    all.push_back(plain(cli, options, "shutdown", "Let running jobs end, deliver answers, and stop", "POST",
                        "/v1/shutdown", details));
    return all;
}

} // namespace angod::ctl
