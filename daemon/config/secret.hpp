// Reads the secret of a plugin from the file itself, another file, the environment or a systemd credential.
#pragma once

#include "config/reader.hpp"

namespace angod::config {

/// Exactly one of the keys secret, secret_file, secret_env and secret_credential must be there. Problems are reported; their texts
/// never hold the secret.
std::string read_secret(Section &plugin);

} // namespace angod::config
