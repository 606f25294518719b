// angoctl shutdown: asks angod to stop, and waits for the end of its process.
#pragma once

#include "ctl/commands.hpp"

#include <cstdint>

namespace angod::ctl {

struct StopOptions {
    bool wait = false;
    std::int64_t timeout_s = 300; ///< of the wait
};

/// Returns an exit code: a failure if angod cannot be asked, or has not ended in time.
int shut_down(const Options &options, const StopOptions &how);

} // namespace angod::ctl
