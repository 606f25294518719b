// What the service manager of the machine is told. Without one, every call does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace angod::service {

/// Also the end of a reload, however it went.
void ready(const std::string &status);
void reloading();
void stopping(const std::string &status);
/// How long the manager waits for the next call of alive before it ends this process; nothing: it does not.
std::optional<std::chrono::microseconds> watchdog();
void alive();

} // namespace angod::service
