// Ids and secrets with which Hub will not know a plugin. Pure.
#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace angod::config {

/// Sentences about one plugin, without its secret.
struct CredentialFindings {
    std::vector<std::string> problems; ///< Hub cannot know it
    std::vector<std::string> doubts;   ///< it has another shape than those that Hub gives
};

CredentialFindings check_credentials(const Plugin &plugin);

} // namespace angod::config
