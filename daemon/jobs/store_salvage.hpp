// angod store salvage: a new store of all that can be read of a damaged one.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace angod::jobs {

/// Makes the new store and puts it in the place of the old one. The old files are kept in the folder damaged-DATE of the
/// state_dir. Nothing is deleted. It can be killed at each moment: the old store is in place until the new one is complete
/// on the disk. Returns the lines that tell of it: table by table, the rows that are kept and lost. If the store is in order,
/// nothing is done. The error says why there is no new store; then all is as before. Blocks.
Result<std::vector<std::string>> salvage_store(const std::filesystem::path &folder);

} // namespace angod::jobs
