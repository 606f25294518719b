// The log of the module's lines that belong to no job. Modules call it without any context of the host, so its sink is
// one for the process.
#pragma once

#include "host/job/job.hpp"

#include <functional>
#include <string_view>

namespace angod::host {

/// Sets where the lines go. Call once, before the first module is loaded.
void set_module_log(std::function<void(LogLevel, std::string_view)> sink);

/// Writes a line about the module that belongs to no job. Any thread.
void log_for_operator(LogLevel level, std::string_view text);

} // namespace angod::host
