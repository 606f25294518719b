// angoctl doctor: finds out why a plugin does not become green, from the machine on which angod runs.
#pragma once

#include "config/config.hpp"
#include "ctl/commands.hpp"
#include "rest/probe.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace angod::ctl {

/// One line of the result.
struct Finding {
    bool ok = true;
    std::string what; ///< "clock"
    std::string text; ///< a sentence, with the remedy if it is not ok
};

/// The steps of the connection, as the call of a server shows them. url: as configured; key: where it is configured. Pure.
std::vector<Finding> findings_of(const rest::Probe &probe, const std::string &url, const std::string &key,
                                 const std::optional<Proxy> &proxy, std::int64_t now_ms);

/// Looks at each address of Hub in the configuration, the clock, the admin socket and the disk, and prints a line for each. Needs
/// no running angod. Returns an exit code: kFailure if something is not ok, kUsage if the configuration cannot be read.
int doctor(const Options &options, const std::filesystem::path &config_file);

} // namespace angod::ctl
