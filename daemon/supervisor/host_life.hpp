// The phases of one host process, and what ends it. Pure.
//
//              loaded    asked to leave   kill sent exited    closed
//   loading    ready     leaving          ending    exited    -
//   ready      -         leaving          ending    exited    -
//   leaving    -         -                ending    exited    -
//   ending     -         -                -         exited    gone
//   exited     -         -                -         -         gone
//   gone       -         -                -         -         -
//
// "-": the event changes nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace angod::supervisor {

enum class HostPhase {
    loading, ///< the process runs; its module is not loaded yet
    ready,   ///< the module is loaded: plugins can be opened and jobs can run
    leaving, ///< it was asked to end as soon as its jobs have ended
    ending,  ///< its process group was killed
    exited,  ///< the process has ended; its last output is still being read
    gone,    ///< its last output has been read, and its jobs have ended
};

enum class HostEvent {
    loaded,         ///< the host reported its module
    asked_to_leave, ///< the owner asked it to end when its jobs have
    kill_sent,      ///< its process group was killed, by the owner or because of a fault
    exited,         ///< the process has ended
    closed,         ///< nothing more is expected from it
};

/// Why a host ended. A later value replaces an earlier one.
enum class HostEndCause {
    fault, ///< it crashed, left by itself, broke the protocol or used too much memory
    left,  ///< the owner had asked it to leave
    killed ///< the owner ended it
};

class HostLife {
public:
    HostPhase phase() const { return phase_; }
    /// True: the phase has changed.
    bool on(HostEvent event) {
        const HostPhase next = kTable[static_cast<std::size_t>(phase_)][static_cast<std::size_t>(event)];
        const bool changed = next != phase_;
        phase_ = next;
        return changed;
    }
    HostEndCause cause() const { return cause_; }
    void blame(HostEndCause cause) { cause_ = std::max(cause_, cause); }

    /// New jobs may be given to it.
    bool takes_jobs() const { return phase_ == HostPhase::loading || phase_ == HostPhase::ready; }
    /// The process may still run, and can be spoken to.
    bool can_be_reached() const { return takes_jobs() || phase_ == HostPhase::leaving; }
    bool gone() const { return phase_ == HostPhase::gone; }

private:
    using P = HostPhase;
    static constexpr std::array<std::array<HostPhase, 5>, 6> kTable{{
        {P::ready, P::leaving, P::ending, P::exited, P::loading},
        {P::ready, P::leaving, P::ending, P::exited, P::ready},
        {P::leaving, P::leaving, P::ending, P::exited, P::leaving},
        {P::ending, P::ending, P::ending, P::exited, P::gone},
        {P::exited, P::exited, P::exited, P::exited, P::gone},
        {P::gone, P::gone, P::gone, P::gone, P::gone},
    }};

    HostPhase phase_ = P::loading;
    HostEndCause cause_ = HostEndCause::fault;
};

} // namespace angod::supervisor
