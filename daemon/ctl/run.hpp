// angoctl run: one job of a module in a real host, without angod and without Hub.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace angod::ctl {

struct RunOptions {
    std::filesystem::path module;
    std::filesystem::path event;       ///< empty: one without a field
    std::string kind;                  ///< needed only if the module serves several
    std::filesystem::path export_file; ///< the assets; empty: none
    std::filesystem::path input_file;  ///< of a markdown run; empty: the event's own
    std::filesystem::path out;
    std::string settings; ///< JSON, or @FILE
    std::int64_t timeout_s = 3600;
    std::string api_url;  ///< of a real Hub; empty: none
    std::string debugger; ///< that runs the host; empty: none
};

/// The answer goes to stdout, everything else to stderr. host: the program angod-host. Returns an exit code.
int run_module(const RunOptions &options, const std::filesystem::path &host);

} // namespace angod::ctl
