// The phases of one attempt at a job, and which event leads from one to the next. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace angod::app {

enum class RunPhase {
    waiting_for_host, ///< claimed; its event is being read, or a place in a host is being waited for
    in_host,          ///< a host works on it
    cancelling,       ///< as in_host, and an operator wants its end
    requeueing,       ///< on its way back into the queue, for another attempt
    requeued_to_end,  ///< as requeueing, and an operator wants its end
    recording_answer, ///< its answer is decided and on its way to the store
    ended,
};

enum class RunEvent {
    got_host,
    cancel,   ///< an operator wants its end
    requeue,  ///< this attempt is over, and the job is to be run once more
    answer,   ///< this attempt is over, and the job has an answer
    requeued, ///< the queue has it again
    recorded, ///< the queue has its answer
};

struct RunTransition {
    RunPhase from;
    RunEvent event;
    RunPhase to;
};

/// Every transition that there is. A cancel without one comes too late.
inline constexpr RunTransition kRunTransitions[] = {
    {RunPhase::waiting_for_host, RunEvent::got_host, RunPhase::in_host},
    {RunPhase::waiting_for_host, RunEvent::cancel, RunPhase::recording_answer},
    {RunPhase::waiting_for_host, RunEvent::requeue, RunPhase::requeueing},
    {RunPhase::waiting_for_host, RunEvent::answer, RunPhase::recording_answer},
    {RunPhase::in_host, RunEvent::cancel, RunPhase::cancelling},
    {RunPhase::in_host, RunEvent::requeue, RunPhase::requeueing},
    {RunPhase::in_host, RunEvent::answer, RunPhase::recording_answer},
    {RunPhase::cancelling, RunEvent::cancel, RunPhase::cancelling},
    {RunPhase::cancelling, RunEvent::answer, RunPhase::recording_answer},
    {RunPhase::requeueing, RunEvent::cancel, RunPhase::requeued_to_end},
    {RunPhase::requeueing, RunEvent::answer, RunPhase::recording_answer}, // an internal error on the way
    {RunPhase::requeueing, RunEvent::requeued, RunPhase::ended},
    {RunPhase::requeued_to_end, RunEvent::cancel, RunPhase::requeued_to_end},
    {RunPhase::requeued_to_end, RunEvent::answer, RunPhase::recording_answer},
    {RunPhase::requeued_to_end, RunEvent::requeued, RunPhase::ended}, // the queue has given the job up meanwhile
    {RunPhase::recording_answer, RunEvent::recorded, RunPhase::ended},
};

constexpr std::optional<RunPhase> next_phase(RunPhase from, RunEvent event) {
    for (const RunTransition &one : kRunTransitions)
        if (one.from == from && one.event == event) return one.to;
    return std::nullopt;
}

constexpr std::string_view name_of(RunPhase phase) {
    switch (phase) {
        case RunPhase::waiting_for_host: return "waiting for a host";
        case RunPhase::in_host: return "in a host";
        case RunPhase::cancelling: return "being cancelled";
        case RunPhase::requeueing:
        case RunPhase::requeued_to_end: return "on its way back into the queue";
        case RunPhase::recording_answer: return "recording its answer";
        case RunPhase::ended: return "ended";
    }
    return "";
}

} // namespace angod::app
