#include "host/module/module_log.hpp"

#include <utility>

namespace angod::host {

namespace {

std::function<void(LogLevel, std::string_view)> module_log;

} // namespace

void set_module_log(std::function<void(LogLevel, std::string_view)> sink) { module_log = std::move(sink); }

void log_for_operator(LogLevel level, std::string_view text) {
    if (module_log) module_log(level, text);
}

} // namespace angod::host
