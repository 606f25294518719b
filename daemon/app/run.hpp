// One attempt at a job: from the claim over a host to the recorded answer, or back into the queue.
//
// The phases and their transitions stand in run_phase.hpp. Event loop only.
#pragma once

#include "app/attempt_record.hpp"
#include "app/counters.hpp"
#include "app/hosts.hpp"
#include "app/recording.hpp"
#include "app/run_lines.hpp"
#include "app/run_phase.hpp"
#include "app/session_log.hpp"
#include "base/async.hpp"
#include "base/ids.hpp"
#include "config/config.hpp"
#include "hub/call_budget.hpp"
#include "hub/link.hpp"
#include "hub/progress.hpp"
#include "jobs/queue.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace angod::app {

/// The generation that serves a plugin at the moment. See Readiness.
class Serving {
public:
    virtual ~Serving() = default;
    /// Whose hosts run the plugin's jobs. Null: none.
    virtual supervisor::GenerationPtr generation() const = 0;
    virtual PluginKind kind() const = 0;
    /// Runs may start in hosts of the generation now.
    virtual bool starts_runs() const = 0;
    /// Why no run can be done. Empty: runs can be done.
    virtual const std::string &why_not_ready() const = 0;
};

class Run;
/// The attempts that are under way, by job id; also those of plugins that have handed over. A job has one at most.
using Runs = std::map<std::string, std::shared_ptr<Run>>;

/// The neighbours of a plugin's runs. All of it outlives them.
struct RunEnvironment {
    asio::any_io_executor executor;
    const config::Plugin &config;
    const config::Config &all;
    jobs::Queue &queue;
    Runs &runs;
    Counters &counters;
    SessionLog &session_log;
    RunLines &lines;
    hub::CallBudget &calls;
    std::filesystem::path scratch; ///< a folder for the folders of runs
    Hosts &hosts;
    const hub::Link &link;
    const Serving &serving;
    Recording &recording;
    Log log; ///< of the plugin
};

class Run : public std::enable_shared_from_this<Run> {
public:
    /// The job is claimed and has no other attempt. Enters it into environment.runs, and leaves them when it has ended.
    static std::shared_ptr<Run> begin(const RunEnvironment &environment, jobs::JobPtr job);
    Run(const RunEnvironment &environment, jobs::JobPtr job)
        : use_(environment), job_(std::move(job)), scratch_(use_.scratch / (job_->id + "." + new_id().substr(0, 8))) {}

    /// The attempt. Once; ends when the run has ended, or earlier if it was cancelled while it waited.
    awaitable<void> attempt();
    /// Has it end as cancelled, now or as soon as its host obeys. A result that arrived before the host was asked to stop
    /// is the answer. A later one is dropped: a module may stop half-way and return the part that it has. The error says
    /// why the run cannot be cancelled any more.
    Result<void> cancel();

    RunPhase phase() const { return phase_; }
    /// Not null once: a host has worked on it for so long that the store is to know of it.
    jobs::AttemptPtr became_long(std::chrono::steady_clock::duration after);
    const jobs::JobPtr &job() const { return job_; }

private:
    awaitable<void> work();
    awaitable<void> without_host(supervisor::AcquireError failure, supervisor::GenerationPtr generation);
    awaitable<supervisor::JobEnd> run_in(std::unique_ptr<HostLease> lease, std::shared_ptr<const std::string> event,
                                         const supervisor::Generation &generation);
    host_protocol::RunJob request(const std::string &event) const;
    supervisor::JobEvents events(const std::string &event, const std::shared_ptr<hub::Progress> &progress);

    awaitable<void> conclude(supervisor::JobEnd end, supervisor::GenerationPtr generation);
    awaitable<void> conclude_crash(supervisor::JobEnd end, supervisor::GenerationPtr generation);
    awaitable<void> conclude_result(host_protocol::JobFinished result);
    bool is_crash(const supervisor::JobEnd &end) const;
    bool is_charged_to_version(const supervisor::Generation &generation);

    /// level: of the line in the log; info where another line has told of the failure already.
    awaitable<void> try_again(std::int64_t wait_ms, std::string user_text, std::string operator_text,
                              LogLevel level = LogLevel::warning);
    awaitable<void> fail(std::string user_text, std::string operator_text, LogLevel level = LogLevel::error);
    awaitable<void> fail_too_old(std::string operator_text);
    jobs::Answer cancelled_answer() const;
    awaitable<void> end_cancelled();
    awaitable<void> answer(jobs::Answer with);
    awaitable<void> record(jobs::Answer decided);
    awaitable<void> put_back(jobs::PutBack how);

    void enter(RunEvent event);
    std::int64_t wait_after_crash_ms() const;
    void note_end();
    Log log() const;

    const RunEnvironment &use_;
    const jobs::JobPtr job_;
    /// Of this attempt alone: the files of an earlier one may still be in removal.
    const std::filesystem::path scratch_;
    RunPhase phase_ = RunPhase::waiting_for_host;
    HostLease *host_ = nullptr; ///< that works on it
    AttemptRecord attempt_;
    RunTelling telling_ = RunTelling::not_at_all;
};

} // namespace angod::app
