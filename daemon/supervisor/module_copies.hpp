// The staged copies of modules: which of them somebody can still need, and the removal of the others.
//
// Event loop only.
#pragma once

#include "supervisor/module_probe.hpp"

#include <filesystem>
#include <memory>
#include <set>
#include <vector>

namespace angod::supervisor {

class ModuleCopies {
public:
    explicit ModuleCopies(ModuleProbe &probe) : probe_(probe) {}

    /// Keeps the generation's copy as long as anybody holds the generation: hosts may still be started from it.
    void lend(const GenerationPtr &generation);
    /// Removes all copies but those of lent generations and those in needed, which are folders of copies.
    void remove_all_but(std::set<std::filesystem::path> needed);

private:
    ModuleProbe &probe_;
    std::vector<std::weak_ptr<const Generation>> lent_;
};

} // namespace angod::supervisor
