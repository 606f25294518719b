// A host that runs in a debugger: angoctl run --debugger.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace angod::ctl {

/// The command that runs the program in the debugger, which is a name or a path. gdb and lldb are known by their names; any
/// other one, for example valgrind, gets the program as its argument.
std::vector<std::string> launcher(const std::string &debugger, const std::string &program);

/// The variables that a debugger needs for a terminal and for its own files, as far as they are set.
std::map<std::string, std::string> terminal_environment();

} // namespace angod::ctl
