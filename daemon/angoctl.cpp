// Controls a running angod over its admin socket, and helps to write modules without one.
#include "ctl/commands.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/output.hpp"
#include "ctl/usage.hpp"

#include <exception>
#include <filesystem>

namespace {

using namespace angod;

int run(int argc, char **argv) {
    ctl::Options options;
    options.folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    CLI::App cli{"Controls angod", "angoctl"};
    cli.add_option("--socket", options.socket, "Admin socket")->capture_default_str();
    cli.add_flag("--json", options.json, "Print the answer as JSON");
    cli.set_version_flag("--version", "angoctl " ANGOD_VERSION);
    cli.require_subcommand(1);
    cli.fallthrough(); // --json and --socket may also stand behind the command
    const ctl::Commands groups[] = {
        ctl::add_admin_commands(cli, options), ctl::add_module_commands(cli, options), {ctl::add_help(cli)}};
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &e) {
        return ctl::wrong_words(cli, e);
    }
    for (const ctl::Commands &commands : groups)
        for (const ctl::Command &command : commands)
            if (*command.words) return command.call();
    return ctl::kUsage; // parsing has failed already without a command
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception &e) {
        return ctl::complain(std::string("angoctl: ") + e.what(), ctl::kFailure);
    }
}
