// The commands that ask a running angod, and doctor.
//
// Each function adds the words of a command and returns what is called after parsing. Words that angod would refuse, such
// as an unknown state, are refused here, because angoctl can name the word that was meant. Ids are made whole by find_ids.
// The words live in a shared object that the call holds, because the parser fills them in later.
// Thread: the caller's; each call blocks.
#include "base/nearest.hpp"
#include "base/percent.hpp"
#include "ctl/admin_client.hpp"
#include "ctl/commands.hpp"
#include "ctl/doctor.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/find_ids.hpp"
#include "ctl/logs.hpp"
#include "ctl/output.hpp"
#include "ctl/record.hpp"
#include "ctl/stopping.hpp"
#include "ctl/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace angod::ctl {

namespace {

const std::vector<std::string> kStates{"queued", "running", "answering", "done", "failed", "cancelled"};
const std::vector<std::string> kLevels{"debug", "info", "warning", "warn", "error"};

bool is_one_of(const std::string &word, const std::vector<std::string> &known) {
    return std::find(known.begin(), known.end(), word) != known.end();
}

/// The sentence for an action that has happened.
Table sentence(std::string text) {
    return [text = std::move(text)](const json::Value &) { return printable(text) + "\n"; };
}

int show(const Options &options, bool again, const std::string &target, const Table &table) {
    return again ? watch(options, target, table) : ask(options, "GET", target, table);
}

void add_watch(CLI::App &command, bool &again) {
    command.add_flag("--watch", again, "Show it again every two seconds, until Ctrl-C");
}

/// A command that shows one answer.
Command view(CLI::App &cli, const Options &options, const char *name, const char *help, const char *target,
             std::string (*table)(const json::Value &)) {
    const auto again = std::make_shared<bool>(false);
    auto *words = cli.add_subcommand(name, help);
    add_watch(*words, *again);
    return {words, [&options, again, target, table] { return show(options, *again, target, table); }};
}

struct Verb {
    std::string name;
    const char *done; ///< the sentence; {} stands for the thing
};

/// A command about one thing: it shows the thing, or does with it what a verb says.
struct OfOne {
    const char *name, *help, *key; ///< "plugin", "One plugin", "NAME"
    const char *key_help;
    const char *path; ///< "/v1/plugins/"
    Result<std::string> (*find)(const Options &, const std::string &);
    std::vector<Verb> verbs;
    const char *verbs_help;
    std::string (*table)(const json::Value &);
};
Command of_one(CLI::App &cli, const Options &options, const OfOne &about) {
    struct Words {
        std::string key, verb;
    };
    const auto words = std::make_shared<Words>();
    auto *command = cli.add_subcommand(about.name, about.help);
    command->add_option(about.key, words->key, about.key_help)->required();
    command->add_option("VERB", words->verb, about.verbs_help);
    return {command, [&options, words, about] {
                const auto verb = std::find_if(about.verbs.begin(), about.verbs.end(),
                                               [&](const Verb &one) { return one.name == words->verb; });
                if (!words->verb.empty() && verb == about.verbs.end()) {
                    std::vector<std::string> known;
                    for (const Verb &one : about.verbs) known.push_back(one.name);
                    return complain(no_such("verb", words->verb, known), kUsage);
                }
                const auto key = about.find(options, words->key);
                if (!key) return complain(key.error().text, kFailure);
                const std::string target = about.path + percent_encode(*key);
                if (words->verb.empty()) return ask(options, "GET", target, about.table);
                return ask(options, "POST", target + "/" + verb->name,
                           sentence(fmt::format(fmt::runtime(verb->done), *key)));
            }};
}

void add_filter(std::string &target, const char *name, const std::string &value) {
    if (!value.empty()) target += std::string("&") + name + "=" + percent_encode(value);
}

Command jobs(CLI::App &cli, const Options &options) {
    struct Filter {
        std::string plugin, state;
        int limit = 50;
        bool again = false;
    };
    const auto filter = std::make_shared<Filter>();
    auto *command = cli.add_subcommand("jobs", "Show recent jobs, the newest first");
    command->add_option("--plugin", filter->plugin, "Only jobs of this plugin");
    command->add_option("--state", filter->state,
                        "Only jobs in this state: queued, running, answering, done, failed, cancelled");
    command->add_option("--limit", filter->limit, "How many jobs to show")->capture_default_str();
    add_watch(*command, filter->again);
    return {command, [&options, filter] {
                if (!filter->state.empty() && !is_one_of(filter->state, kStates))
                    return complain(no_such("state", filter->state, kStates), kUsage);
                std::string target = "/v1/jobs?limit=" + std::to_string(filter->limit);
                add_filter(target, "plugin", filter->plugin);
                add_filter(target, "state", filter->state);
                return show(options, filter->again, target, jobs_table);
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
    command->add_option("--job", filter->job, "Only lines of this job: its id, the beginning of it, or its session");
    command->add_option("--level", filter->level, "Only lines of this level and above: debug, info, warning, error");
    return {command, [&options, filter] {
                if (!filter->level.empty() && !is_one_of(filter->level, kLevels))
                    return complain(no_such("level", filter->level, kLevels), kUsage);
                std::string target = filter->follow ? "/v1/logs?follow=1" : "/v1/logs?follow=0";
                add_filter(target, "plugin", filter->plugin);
                if (!filter->job.empty()) {
                    const auto job = find_job(options, filter->job);
                    if (!job) return complain(job.error().text, kFailure);
                    add_filter(target, "job", *job);
                }
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

Command reload(CLI::App &cli, const Options &options) {
    auto *command = cli.add_subcommand("reload", "Read the configuration again and apply the changes");
    return {command, [&options] {
                return ask(options, "POST", "/v1/reload",
                           sentence("angod has read the configuration and works with it."));
            }};
}

Command shutdown(CLI::App &cli, const Options &options) {
    const auto how = std::make_shared<StopOptions>();
    auto *command = cli.add_subcommand("shutdown", "Let running jobs end, deliver answers, and stop");
    command->add_flag("--wait", how->wait, "Return when the process of angod has ended");
    command->add_option("--timeout", how->timeout_s, "Seconds to wait for that")
        ->capture_default_str()
        ->check(CLI::Range(1, 86'400));
    return {command, [&options, how] { return shut_down(options, *how); }};
}

OfOne about_plugins() {
    return {"plugin",
            "Show or change one plugin",
            "NAME",
            "Its name, or the beginning of its id in Hub",
            "/v1/plugins/",
            find_plugin,
            {{"enable", "The plugin \"{}\" is enabled."},
             {"disable", "The plugin \"{}\" is disabled."},
             {"restart", "The plugin \"{}\" connects again, with new hosts."}},
            "disable: answer the waiting jobs and close the connection; enable: connect again; restart: "
            "reconnect with new hosts",
            plugin_details};
}

OfOne about_jobs() {
    return {"job",
            "Show or change one job",
            "ID",
            "Its id, the beginning of it, or its session in Hub",
            "/v1/jobs/",
            find_job,
            {{"cancel", "The job {} is being cancelled."}, {"retry", "The next attempt of the job {} starts now."}},
            "cancel: end the job; retry: start its next attempt now",
            job_details};
}

OfOne about_modules() {
    return {"module",
            "Show or change one module, with its last generations",
            "ID",
            "Its id, or the beginning of it",
            "/v1/modules/",
            find_module,
            {{"reload", "The files of the module \"{}\" are tried again."},
             {"rollback", "The module \"{}\" is back at its rollback target."}},
            "reload: try its file again; rollback: return to the rollback target",
            module_details};
}

} // namespace

Commands add_admin_commands(CLI::App &cli, const Options &options) {
    Commands all;
    all.push_back(view(cli, options, "status", "Show the state of the daemon", "/v1/status", status_table));
    all.push_back(view(cli, options, "plugins", "Show all plugins: whether the light is green, and how many jobs wait",
                       "/v1/plugins", plugins_table));
    all.push_back(of_one(cli, options, about_plugins()));
    all.push_back(jobs(cli, options));
    all.push_back(of_one(cli, options, about_jobs()));
    all.push_back(view(cli, options, "modules", "Show all modules: the version in use, and refused files",
                       "/v1/modules", modules_table));
    all.push_back(of_one(cli, options, about_modules()));
    all.push_back(logs(cli, options));
    all.push_back(metrics(cli, options));
    all.push_back(doctor(cli, options));
    all.push_back(reload(cli, options));
    all.push_back(shutdown(cli, options));
    return all;
}

} // namespace angod::ctl
