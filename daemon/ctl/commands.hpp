// The commands of angoctl: their words and options, and what they call.
#pragma once

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace angod::ctl {

/// Options that stand before or behind any command.
struct Options {
    std::string socket = "/run/angod/admin.sock";
    bool json = false;
    std::filesystem::path folder; ///< of this program; angod-host is in it too
};

struct Command {
    const CLI::App *words;     ///< true once it was parsed
    std::function<int()> call; ///< to be called after parsing; returns an exit code
};
using Commands = std::vector<Command>;

/// Commands that ask a running angod. The result uses cli and options, which must outlive it.
Commands add_admin_commands(CLI::App &cli, const Options &options);
/// Commands for writers of modules, which need no daemon. The same holds.
Commands add_module_commands(CLI::App &cli, const Options &options);

} // namespace angod::ctl
