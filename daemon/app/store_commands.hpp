// The commands "angod store check" and "angod store salvage": they block, and print to stdout and stderr.
#pragma once

#include <filesystem>

namespace angod::app {

/// True if the store is in order.
bool print_store_check(const std::filesystem::path &state_dir);

/// True if the store can be used now.
bool print_store_salvage(const std::filesystem::path &state_dir);

} // namespace angod::app
