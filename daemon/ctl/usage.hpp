// Words of the command line that are wrong, and the command that explains the others.
#pragma once

#include "ctl/commands.hpp"

namespace angod::ctl {

/// angoctl help [COMMAND]. The result uses cli, which must outlive it.
Command add_help(CLI::App &cli);

/// After a parse that failed: prints the help that was asked for, or says which word is wrong and which one is near.
/// Returns an exit code.
int wrong_words(const CLI::App &cli, const CLI::ParseError &failed);

} // namespace angod::ctl
