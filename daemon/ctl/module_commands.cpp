#include "ctl/commands.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/new.hpp"
#include "ctl/run.hpp"

#include <cstdio>
#include <memory>
#include <unistd.h>

namespace angod::ctl {

namespace {

/// angoctl loads no module itself: angod-host does, in a process of its own.
int inspect_module(const std::filesystem::path &folder, const std::string &file, const std::string &settings) {
    const auto host = folder / "angod-host";
    if (settings.empty())
        ::execl(host.c_str(), "angod-host", "inspect", file.c_str(), nullptr);
    else
        ::execl(host.c_str(), "angod-host", "inspect", file.c_str(), "--settings", settings.c_str(), nullptr);
    std::fprintf(stderr, "cannot run %s\n", host.c_str());
    return kFailure;
}

Command inspect(CLI::App &cli, const Options &options) {
    struct Words {
        std::string file, settings;
    };
    const auto words = std::make_shared<Words>();
    auto *command = cli.add_subcommand("inspect", "Show how a module file describes itself; needs no daemon");
    command->add_option("MODULE.so", words->file)->required();
    command->add_option("--settings", words->settings, "Settings of a plugin, as JSON: its classes depend on them");
    return {command, [&options, words] { return inspect_module(options.folder, words->file, words->settings); }};
}

Command create(CLI::App &cli, const Options &options) {
    struct Words {
        std::string kind, name, dir = ".";
    };
    const auto words = std::make_shared<Words>();
    auto *command = cli.add_subcommand("new", "Begin a module of your own in a new folder; needs no daemon");
    command->add_option("KIND", words->kind, "export, model, batch-model, file-explorer, markdown or input")
        ->required();
    command->add_option("NAME", words->name, "Name of the folder and id of the module: a-z, 0-9 and '-'")->required();
    command->add_option("--dir", words->dir, "Where to make the folder")->capture_default_str();
    return {command, [&options, words] {
                return new_module(words->kind, words->name, words->dir, options.folder.parent_path());
            }};
}

Command run_one(CLI::App &cli, const Options &options) {
    const auto words = std::make_shared<RunOptions>();
    words->out = "out";
    auto *command = cli.add_subcommand("run", "Run one job of a module file; needs no daemon and no Hub");
    command->add_option("MODULE.so", words->module)->required();
    command->add_option("--event", words->event, "The event as Hub sends it, JSON; missing members are filled in");
    command->add_option("--kind", words->kind, "Needed if the module serves several kinds");
    command->add_option("--export", words->export_file,
                        "The assets: an export of Hub, as NDJSON, JSON array or zip; for the kinds export and "
                        "batch-model");
    command->add_option("--input", words->input_file, "For the kind markdown: the CSV, in place of the event's");
    command->add_option("--out", words->out, "Folder for the files that the job makes")->capture_default_str();
    command->add_option("--settings", words->settings, "Settings of the plugin, as JSON or @FILE");
    command->add_option("--timeout", words->timeout_s, "Seconds")->capture_default_str();
    command
        ->add_option("--debugger", words->debugger,
                     "Run the host of the module in a debugger: gdb, or another PROGRAM, for example lldb or valgrind")
        ->expected(0, 1)
        ->default_str("gdb");
    command->add_option("--url", words->api_url, "API of a real Hub; the changes that the job makes are made there");
    return {command, [&options, words] { return run_module(*words, options.folder / "angod-host"); }};
}

} // namespace

Commands add_module_commands(CLI::App &cli, const Options &options) {
    Commands all;
    all.push_back(inspect(cli, options));
    all.push_back(create(cli, options));
    all.push_back(run_one(cli, options));
    return all;
}

} // namespace angod::ctl
