// A job: one run of a plugin, from the recorded event to the delivered answer.
#pragma once

#include "host_protocol/kind.hpp"
#include "jobs/attempt.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::jobs {

/// The numbers are stored. running is never stored: a job that was running when angod ended is queued again.
enum class State : std::int64_t { queued = 0, answering = 1, done = 2, failed = 3, cancelled = 4, running = 100 };

constexpr std::string_view name_of(State state) {
    switch (state) {
        case State::queued: return "queued";
        case State::running: return "running";
        case State::answering: return "answering";
        case State::done: return "done";
        case State::failed: return "failed";
        case State::cancelled: return "cancelled";
    }
    return "";
}

std::optional<State> state_of(std::string_view name);

/// The message to Hub at the end of a job, and the state of the job once Hub has it.
struct Answer {
    std::string message; ///< the "response" event's argument, JSON; empty: Hub wants none
    State outcome = State::done;
    std::string problem; ///< of a failure, for the operator; without secrets
};

struct Job {
    std::string id;     ///< UUIDv7
    std::string plugin; ///< name
    PluginKind kind = PluginKind::input;
    bool effects = false;    ///< see has_effects
    std::string session;     ///< the JSON token that came
    std::string digest;      ///< SHA-256 of the event, raw
    std::string log_context; ///< JSON object: what every log message to Hub repeats
    std::string answer_key;  ///< the API key that answer and log are delivered with; empty: needs none. A secret
    std::uint64_t place = 0; ///< in the order of arrival, within this run of angod
    // The first pair is by the wall clock, for people and for a machine that was started again. Otherwise the second pair
    // counts, by since_boot_ms: setting the clock must neither delay a repetition nor make a young run too old.
    std::int64_t created_ms = 0, not_before_ms = 0; ///< a repetition waits until not_before
    std::int64_t created_boot_ms = 0, not_before_boot_ms = 0;
    std::int64_t attempts = 0; ///< charged to the module so far
    std::int64_t forgiven = 0; ///< crashes that were a new version's fault, in this run of angod
    bool isolated = false;     ///< must be the only one in its host: it, or a neighbour, has brought one down
    State state = State::queued;
    std::int64_t started_ms = 0; ///< of the current attempt
    AttemptPtr attempt;          ///< that has ended, for the store; null: nothing to tell of
    std::int64_t seq = 0;        ///< in the store: increases with each record; 0: not recorded yet
    std::uint64_t bytes = 0;     ///< of the event on the disk, until the job is answered

    /// A task of a workflow: Hub sends thousands at once, and no user waits for one of them.
    bool is_task() const { return kind == PluginKind::model && effects; }

    std::shared_ptr<const std::string> event; ///< null while it is only in the store
    bool event_in_file = false;               ///< the store keeps it in a file of its own, for its length
    std::optional<std::string> checkpoint;
    Answer answer;                ///< while answering
    std::uint32_t answers = 0;    ///< how often it was answered: an answer that Hub does not take is replaced
    bool answer_recorded = false; ///< the store has the answer
    bool confirmed = false;       ///< Hub has the answer
    bool sent_again = false;      ///< it had ended, and the same event came once more
};

/// Owned by the queue while the job is open, and by those that run or answer it.
using JobPtr = std::shared_ptr<Job>;

/// A job as operators see it.
struct JobRow {
    std::string id, plugin, session, problem;
    PluginKind kind = PluginKind::input;
    State state = State::queued;
    std::int64_t attempts = 0, created_ms = 0, finished_ms = 0;
};

/// The open jobs of a plugin, or of all: queued, or with an answer that is not delivered. Oldest first, without their
/// events. Of the tasks of workflows, which can be very many, only the first kTasksAtOnce of each plugin.
struct OpenJobs {
    std::vector<JobPtr> jobs;
    std::map<std::string, std::size_t> tasks; ///< by plugin: all waiting tasks
};
inline constexpr std::int64_t kTasksAtOnce = 256;

} // namespace angod::jobs
