// The object "hub" of the configuration: the addresses of Hub, and the way there.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace angod::config {

/// Reads the section into hub, whose values stand for the keys that are absent. Reads the file of authorities.
void read_hub(Section section, Hub &hub);

/// Looks at the variables of the environment that name proxies, and reports their faults once, if a plugin uses them.
void check_proxy_environment(const Config &config, Problems &problems);

} // namespace angod::config
