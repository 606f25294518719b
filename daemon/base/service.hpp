// What the service manager of the machine is told. Without one, every call does nothing.
#pragma once

#include <string>

namespace angod::service {

void ready(const std::string &status);
void status(const std::string &status);
void stopping(const std::string &status);

} // namespace angod::service
