// The module's description of an instance: the classes that it finds, and the options that a user may give.
#pragma once

#include "base/result.hpp"
#include "host/module/loader.hpp"

#include <string>

namespace angod::host {

/// Makes an instance with these settings (a JSON object), calls describe and destroys the instance. Returns members for
/// descriptor_json, such as ,"classes":[…],"config":{…}; empty if the module has no describe. The error is for the
/// operator.
Result<std::string> describe(const LoadedModule &module, const std::string &settings);

} // namespace angod::host
