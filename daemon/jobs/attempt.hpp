// One try at a job, as the store keeps it for operators.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace angod::jobs {

/// The numbers are stored.
enum class AttemptEnd : std::int64_t {
    running = 0,   ///< not yet; a run is noted when it has lasted some seconds
    succeeded = 1, ///< the module gave an answer
    failed = 2,    ///< the module reported a failure, or the answer could not be used
    crashed = 3,   ///< its host died
    no_host = 4,   ///< no host could be started for it
    stopped = 5,   ///< its host was told to end: a reload, a restart, a stop of angod
    cancelled = 6, ///< by an operator
    timed_out = 7,
    interrupted = 8, ///< angod itself ended
};

constexpr std::string_view name_of(AttemptEnd end) {
    switch (end) {
        case AttemptEnd::running: return "running";
        case AttemptEnd::succeeded: return "succeeded";
        case AttemptEnd::failed: return "failed";
        case AttemptEnd::crashed: return "crashed";
        case AttemptEnd::no_host: return "no host";
        case AttemptEnd::stopped: return "stopped";
        case AttemptEnd::cancelled: return "cancelled";
        case AttemptEnd::timed_out: return "timed out";
        case AttemptEnd::interrupted: return "interrupted";
    }
    return "unknown"; // of a newer angod
}

struct Attempt {
    std::int64_t started_ms = 0;  ///< by the wall clock, since 1970
    std::int64_t duration_ms = 0; ///< 0 if it was interrupted
    AttemptEnd end = AttemptEnd::running;
    std::string reason;           ///< why it ended so, for the operator; without secrets
    std::uint64_t generation = 0; ///< of the module; 0: not known
    std::string version;          ///< of the module
    std::int64_t host_pid = 0;    ///< 0: it had none, or it is not known
    std::string log;              ///< the last lines of the session log, without secrets; see RunLog
};
using AttemptPtr = std::shared_ptr<const Attempt>;

} // namespace angod::jobs
