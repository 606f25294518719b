// Helps to find out what differs between a Hub and the one that angod was built for.
#pragma once

#include "base/json.hpp"
#include "ctl/commands.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace angod::ctl {

struct RecordOptions {
    std::string plugin;
    std::int64_t seconds = 300;   ///< 1 to 600
    std::filesystem::path output; ///< empty: stdout
};

/// Has angod record what Hub sends to the plugin, for so long or until SIGINT or SIGTERM, and writes it as JSON lines. Blocks.
/// Returns an exit code.
int record(const Options &options, const RecordOptions &what);

/// The lines of a recording, the first one with the plugin and the state of its connection. plugin, recording: answers of the
/// admin API; messages: JSON objects. Pure.
std::string recording_lines(const json::Value &plugin, const json::Value &recording,
                            const std::vector<std::string> &messages);

} // namespace angod::ctl
