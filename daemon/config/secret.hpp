// Where a plugin's secret comes from: the file itself, another file, the environment or a systemd credential.
#pragma once

#include "config/reader.hpp"

namespace angod::config {

/// Exactly one of secret, secret_file, secret_env and secret_credential. Problems are reported; no text of a
/// problem holds the secret.
std::string read_secret(Section &plugin);

} // namespace angod::config
