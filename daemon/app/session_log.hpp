// The session log of a run in Hub, as those see it who have something to tell.
#pragma once

#include "hub/messages.hpp"
#include "jobs/job.hpp"

#include <string>

namespace angod::app {

class SessionLog {
public:
    virtual ~SessionLog() = default;
    /// Sends a line to the session of the job, through the link that its plugin has at present. The link keeps it while
    /// there is no connection. text: without secrets.
    virtual void tell(const jobs::Job &job, hub::LogLevel level, const std::string &text) = 0;
};

} // namespace angod::app
