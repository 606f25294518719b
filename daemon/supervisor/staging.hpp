// Copies of module files, named by their content. Nothing writes to a copy while hosts have it loaded.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace angod::supervisor {

struct StagedModule {
    std::string sha256;         ///< hex
    std::filesystem::path path; ///< folder/<sha256>/<file name>
};

/// Copies source below folder, if that content is not there yet. Refuses a file that users other than its owner can
/// write, and a file that belongs to neither root nor the daemon's user. Blocking: call it on the pool, for one file at
/// a time.
Result<StagedModule> stage_module(const std::filesystem::path &source, const std::filesystem::path &folder);

/// The SHA-256 of a file's content in hex. Blocking.
Result<std::string> digest_of_file(const std::filesystem::path &file);

} // namespace angod::supervisor
