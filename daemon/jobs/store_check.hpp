// angod store check: what lies in a state_dir, what is damaged, and what to do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace angod::jobs {

/// Lines for a person, without secrets.
struct StoreReport {
    std::vector<std::string> facts;
    std::vector<std::string> problems;
    std::vector<std::string> remedies;
    bool needs_salvage = false; ///< the database is damaged, and a salvage may read it
    bool in_order() const { return problems.empty(); }
};

/// Reads all of the store in the folder: files, structure, tables and events. Changes nothing. While angod uses the folder,
/// that is the only problem. Blocks.
StoreReport check_store(const std::filesystem::path &folder);

} // namespace angod::jobs
