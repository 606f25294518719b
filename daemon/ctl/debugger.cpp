#include "ctl/debugger.hpp"

#include <cstdlib>
#include <filesystem>

namespace angod::ctl {

std::vector<std::string> launcher(const std::string &debugger, const std::string &program) {
    const std::string name = std::filesystem::path(debugger).filename().string();
    if (name == "gdb") return {debugger, "-q", "--args", program};
    if (name == "lldb") return {debugger, "--", program};
    return {debugger, program};
}

std::map<std::string, std::string> terminal_environment() {
    std::map<std::string, std::string> out;
    for (const char *name : {"TERM", "HOME"})
        if (const char *value = std::getenv(name)) out[name] = value;
    return out;
}

} // namespace angod::ctl
