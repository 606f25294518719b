// The event of a file explorer: reads what Hub asks for. Pure.
#pragma once

#include "host/job/job.hpp"

#include "base/result.hpp"

#include <string>
#include <vector>

namespace angod::host {

struct ExplorerEvent {
    std::string bucket, folder, token;
    std::string storage;              ///< id; empty: none
    bool upload = false;              ///< true: import files; false: list a page
    std::vector<std::string> files;   ///< keys to import; empty: all files of the folder
    std::vector<std::string> batches; ///< ids of the batches for imported assets
};

/// The error is a sentence for the user.
Result<ExplorerEvent> read_explorer_event(const Job &job);

} // namespace angod::host
