// What a module says of an instance: the classes it finds, and the options that a user may give.
#pragma once

#include "base/result.hpp"
#include "host/module/loader.hpp"

#include <string>

namespace angod::host {

/// Makes an instance with these settings (a JSON object) and asks it: ,"classes":[…],"config":{…}, as far as it says
/// something, for descriptor_json. Empty if the module has no describe. The error is for the operator.
Result<std::string> describe(const LoadedModule &module, const std::string &settings);

} // namespace angod::host
