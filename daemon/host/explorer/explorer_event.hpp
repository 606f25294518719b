// What Hub wants of a file explorer, taken out of its event. Pure.
#pragma once

#include "host/job/job.hpp"

#include "base/result.hpp"

#include <string>
#include <vector>

namespace angod::host {

struct ExplorerEvent {
    std::string bucket, folder, token;
    std::string storage;              ///< id; empty: none
    bool upload = false;              ///< import, instead of a look
    std::vector<std::string> files;   ///< keys to import; none: what lies in the folder
    std::vector<std::string> batches; ///< ids that imported assets are put into
};

/// The error is a sentence for the user.
Result<ExplorerEvent> read_explorer_event(const Job &job);

} // namespace angod::host
