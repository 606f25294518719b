// Checks that a file is a complete shared library. The system's loader crashes on a file that is cut off.
#pragma once

#include "base/result.hpp"

#include <filesystem>

namespace angod::host {

/// The error names the fault of the file, but not the file.
Result<void> check_library_file(const std::filesystem::path &path);

} // namespace angod::host
