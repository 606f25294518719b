// Messages to the service manager of the machine. Without a manager, every call does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace angod::service {

/// Also the end of a reload, successful or not.
void ready(const std::string &status);
void reloading();
/// longest: the manager must not end this process earlier, whatever its own limit is.
void stopping(const std::string &status, std::chrono::seconds longest);
/// The manager ends this process when no call of alive() comes for this time. Nothing: it does not watch.
std::optional<std::chrono::microseconds> watchdog();
void alive();

} // namespace angod::service
