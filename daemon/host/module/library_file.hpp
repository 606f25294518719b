// Is a file a whole shared library? The loader of the system does not ask: it dies on one that is cut off.
#pragma once

#include "base/result.hpp"

#include <filesystem>

namespace angod::host {

/// The error says what is wrong with the file, without its name.
Result<void> check_library_file(const std::filesystem::path &path);

} // namespace angod::host
