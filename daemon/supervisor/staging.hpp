// Copies of module files, named by their content, which nobody writes to while they are loaded.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace angod::supervisor {

struct StagedModule {
    std::string sha256;         ///< hex
    std::filesystem::path path; ///< folder/<sha256>/<file name>
};

/// Copies source below folder if that content is not there yet. Refuses a file that others than its owner can
/// write, or that belongs to neither root nor the daemon's user. Blocking: call it on the pool.
/// Not for two files at the same time.
Result<StagedModule> stage_module(const std::filesystem::path &source, const std::filesystem::path &folder);

/// The SHA-256 of a file's content in hex. Blocking, too.
Result<std::string> digest_of_file(const std::filesystem::path &file);

} // namespace angod::supervisor
