// The failure of a job, in the words of its user, its operator and Hub.
#pragma once

#include "app/session_log.hpp"
#include "base/log.hpp"
#include "jobs/job.hpp"

#include <string>

namespace angod::app {

/// Tells the session and the log that the job has failed, and returns the answer that says so to Hub. log: of the job's
/// plugin. level: of the line in the log.
jobs::Answer failure(const jobs::Job &job, const std::string &user_text, const std::string &operator_text,
                     SessionLog &session_log, const Log &log, LogLevel level = LogLevel::error);

/// The same for an answer that is longer than Hub takes.
jobs::Answer too_long_failure(const jobs::Job &job, std::size_t bytes, std::uint64_t max_payload,
                              SessionLog &session_log, const Log &log);

} // namespace angod::app
