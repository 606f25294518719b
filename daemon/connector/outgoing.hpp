// Everything of one run that is on its way to Hub by calls: its session log and its answer.
//
// Pure: it decides what comes next, and RestLink does it. The caller brings the time.
//
//   phase       event                                            next phase
//   logging     set_answer(): the answer is ready                answering
//   logging     no line for a minute                             done
//   answering   delivered(): Hub has the answer                  finishing
//   answering   answer_failed(), and no attempt is left          done
//   finishing, done   set_answer(): the run is answered anew     answering
//   finishing   no line is left                                  done
//
// While it is logging, lines go at the pace of the session log. While it is answering, the last lines go first, unless a
// call that is held waits for the answer longer than two seconds, or a line failed three times.
#pragma once

#include "connector/hub_calls.hpp"
#include "connector/session_log.hpp"
#include "hub/link.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace angod::connector {

class Outgoing {
public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Phase { logging, answering, finishing, done };
    enum class Action { post_line, hand_over, post_answer, confirm_without_answer, wait, end };
    /// The consequence of a failure.
    enum class Verdict { cancelled, retry, first_retry, lost, first_lost };

    struct Step {
        Action action;
        Time until{}; ///< of a wait
    };

    /// buffer outlives it.
    Outgoing(hub::LogBuffer &buffer, std::string key, std::string_view log_context, hub::Run run, Time now);

    /// message: a "response" argument; empty if Hub wants none.
    void set_answer(std::string message, Time now);
    void set_run(hub::Run run) { run_ = std::move(run); }
    void add_line(std::string message) { log_.add(std::move(message)); }

    /// held: a call waits for the answer of this run.
    Step next(Time now, bool held);

    SessionLog::Line take_line(Time now);
    void line_sent();
    /// lost: the line, and after the answer all others with it. The first loss of a run is told apart.
    Verdict line_failed(SessionLog::Line line, const Posted &posted, Time now);

    void answer_started(Time now) { used_at_ = now; }
    void delivered();
    /// age_ms: of the run. lost: Hub will not get this answer. The first failure of an answer is told apart.
    Verdict answer_failed(const Posted &posted, std::int64_t age_ms, Time now);

    Phase phase() const { return phase_; }
    const std::string &key() const { return key_; }
    const hub::Run &run() const { return run_; }
    const std::string &answer() const { return answer_; }

private:
    void try_later(const Posted &posted, Time now);

    const std::string key_;
    hub::Run run_;
    SessionLog log_;
    Phase phase_ = Phase::logging;
    std::string answer_; ///< while answering
    Time logs_until_;    ///< a call that waits gets its answer then, whether lines are left or not
    Time not_before_{}, used_at_;
    unsigned failures_ = 0, line_failures_ = 0;
    bool told_of_lines_ = false;  ///< the operator knows that lines are lost
    bool told_of_answer_ = false; ///< the operator knows that the answer is late
};

} // namespace angod::connector
