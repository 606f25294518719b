#include "ctl/usage.hpp"

#include "base/nearest.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/output.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace angod::ctl {

namespace {

std::vector<const CLI::App *> all_commands(const CLI::App &cli) {
    return cli.get_subcommands([](const CLI::App *) { return true; });
}

std::vector<std::string> commands_of(const CLI::App &cli) {
    std::vector<std::string> names;
    for (const CLI::App *one : all_commands(cli)) names.push_back(one->get_name());
    return names;
}

std::vector<std::string> options_of(const CLI::App &cli) {
    std::vector<std::string> names;
    for (const CLI::Option *option : cli.get_options()) {
        for (const std::string &name : option->get_lnames()) names.push_back("--" + name);
        for (const std::string &name : option->get_snames()) names.push_back("-" + name);
    }
    return names;
}

void print_help(const CLI::App &cli, const CLI::App *command) {
    const std::string name = command ? cli.get_name() + " " + command->get_name() : cli.get_name();
    std::fputs(cli.get_formatter()->make_help(command ? command : &cli, name, CLI::AppFormatMode::Normal).c_str(),
               stdout);
}

std::string wrong_command(const CLI::App &cli, const std::string &given) {
    const auto meant = nearest(given, commands_of(cli));
    return fmt::format("there is no command \"{}\";{} angoctl help lists the commands", given,
                       meant ? fmt::format(" did you mean \"{}\"?", *meant) : "");
}

std::string wrong_option(const CLI::App &cli, const CLI::App *command, const std::string &given) {
    const std::string name = given.substr(0, given.find('='));
    std::vector<std::string> known = options_of(cli);
    if (command)
        for (std::string &one : options_of(*command)) known.push_back(std::move(one));
    const auto meant = nearest(name, known);
    return fmt::format("there is no option \"{}\";{} angoctl help{} lists the options", name,
                       meant ? fmt::format(" did you mean \"{}\"?", *meant) : "",
                       command ? " " + command->get_name() : "");
}

} // namespace

Command add_help(CLI::App &cli) {
    const auto topic = std::make_shared<std::string>();
    auto *words = cli.add_subcommand("help", "Show all commands, or the words and options of one command");
    words->add_option("COMMAND", *topic, "The command");
    return {words, [&cli, topic] {
                if (topic->empty()) {
                    print_help(cli, nullptr);
                    return 0;
                }
                for (const CLI::App *command : all_commands(cli)) {
                    if (command->get_name() != *topic) continue;
                    print_help(cli, command);
                    return 0;
                }
                return complain(wrong_command(cli, *topic), kUsage);
            }};
}

int wrong_words(const CLI::App &cli, const CLI::ParseError &failed) {
    if (failed.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return cli.exit(failed);
    const auto parsed = cli.get_subcommands();
    const CLI::App *command = parsed.empty() ? nullptr : parsed.front();
    const auto extra = cli.remaining(true);
    // The first word that was not understood explains what follows from it.
    if (!extra.empty() && extra.front().size() > 1 && extra.front().starts_with('-'))
        return complain(wrong_option(cli, command, extra.front()), kUsage);
    if (!extra.empty() && !command) return complain(wrong_command(cli, extra.front()), kUsage);
    if (!command) return complain("a command is missing; angoctl help lists the commands", kUsage);
    if (!extra.empty())
        return complain(fmt::format("the word \"{}\" is one too many; angoctl help {} explains the command",
                                    extra.front(), command->get_name()),
                        kUsage);
    return complain(fmt::format("{}; angoctl help {} explains the command", failed.what(), command->get_name()),
                    kUsage);
}

} // namespace angod::ctl
