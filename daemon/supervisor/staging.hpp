// Copies of module files, named by their content. Nothing writes to a copy while hosts have it loaded.
#pragma once

#include "base/disk_call.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace angod::supervisor {

struct StagedModule {
    std::string sha256;         ///< hex
    std::filesystem::path path; ///< folder/<sha256>/<file name>
};

/// Copies source below folder, if that content is not there yet. Refuses a file that users other than its owner can
/// write, and a file that belongs to neither root nor the daemon's user. Blocking: any thread, and call gets a beat with each block.
Result<StagedModule> stage_module(const std::filesystem::path &source, const std::filesystem::path &folder,
                                  const DiskCall &call);

/// The SHA-256 of a file's content in hex. Blocking, with a beat for each block.
Result<std::string> digest_of_file(const std::filesystem::path &file, const DiskCall &call);

/// The folders in `folder` that hold a copy, or what is left of one. Blocking.
Result<std::set<std::filesystem::path>> list_copies(const std::filesystem::path &folder);
/// Frees the names of folders with copies, and returns what must still be deleted. Blocking.
std::vector<std::filesystem::path> set_aside(const std::set<std::filesystem::path> &copies);

} // namespace angod::supervisor
