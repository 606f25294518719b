// One angod-host process: started, spoken to, watched and ended.
//
// Its phases are in host_life.hpp. The bytes of the channel are the work of HostChannel, what it prints is the work of
// HostOutput; this class runs the jobs and watches the process. Event loop only. Shared by the pool and by every job
// that runs in it.
#pragma once

#include "base/async.hpp"
#include "base/process.hpp"
#include "host_protocol/messages.hpp"
#include "supervisor/host_channel.hpp"
#include "supervisor/host_life.hpp"
#include "supervisor/host_output.hpp"
#include "supervisor/module_info.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace angod::supervisor {

struct HostOptions {
    std::string label;                              ///< for the process list and the log: the plugin
    std::uint64_t generation = 0;                   ///< of the module; 0: the module is only probed
    std::string module_path;                        ///< the staged copy
    std::map<std::string, std::string> environment; ///< everything that the module sees
    std::vector<std::string> launcher;              ///< see SpawnOptions; empty: none
    std::chrono::seconds start_limit{20};
    std::chrono::milliseconds stop_grace{5'000}; ///< between asking a job to stop and ending its host
    std::uint64_t memory = 0;                    ///< bytes of its own; a host that uses more is ended; 0: no limit
};

/// Callbacks of a job while it runs.
struct JobEvents {
    std::function<void(std::uint32_t level, std::string text)> log;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
    /// Must end with one call of saved. An empty text means that the checkpoint is durable.
    std::function<void(std::string bytes, std::function<void(std::string problem)> saved)> checkpoint;
    /// The job is about to call Hub and waits. granted is to be called once; it returns whether the call is made, false if the
    /// job has ended. Empty: each call is granted at once.
    std::function<void(std::function<bool()> granted)> call_wanted;
    /// Hub refused a call of the job with 429. wait: as Hub asked; nothing: it told no time. May be empty.
    std::function<void(std::optional<std::chrono::milliseconds> wait)> call_refused;
    /// Hub has answered a call of the job; only if RunJob::tell_answers asks for it. May be empty.
    std::function<void(const host_protocol::Heard &)> heard;
    std::vector<std::string> secrets; ///< kept out of everything that the host prints
};

/// How a job ended.
struct JobEnd {
    enum class How {
        finished,      ///< the module finished the job: see result
        died_alone,    ///< the host died while only this job was running
        died_together, ///< the host died while several jobs were running: which of them caused it is not known
        stopped,       ///< angod ended the host for another reason
        timed_out,
        cancelled, ///< see HostProcess::cancel
    };
    How how = How::finished;
    bool reports_crash =
        false; ///< the host died by itself: true for exactly one of its jobs, also if that ended otherwise
    bool over_memory = false;          ///< the host was ended because of HostOptions::memory
    host_protocol::JobFinished result; ///< of finished
    std::string text;                  ///< for the operator: how the host ended and what it printed last
};

class HostProcess : public std::enable_shared_from_this<HostProcess> {
public:
    /// Starts the program, on the executor of the caller. It must outlive the call.
    static awaitable<Result<std::shared_ptr<HostProcess>>> launch(const Program &program, HostOptions options, Log log);
    ~HostProcess();

    /// Loads the module. Must be the first call. After an error, also when the host is killed meanwhile, no process is
    /// left. Code::remote: the host died; Code::timeout: it took too long; Code::invalid: it refused the module.
    awaitable<Result<void>> load();

    /// After load has succeeded.
    const ModuleInfo &module() const { return *module_; }
    int pid() const { return process_->pid(); }
    HostPhase phase() const { return life_.phase(); }
    /// It takes jobs: it runs, can be reached, and was not asked to end.
    bool alive() const { return life_.takes_jobs(); }
    std::size_t running() const { return jobs_.size(); }
    /// For a host that is gone: it ended by a fault while it had no job.
    bool died_idle() const { return died_idle_; }
    /// For a host that is gone: how it ended and what it printed last.
    std::string end_text() const;
    std::size_t resident() const { return process_->resident(); } ///< bytes

    /// Has the module make an instance for the plugin. Errors as with load.
    awaitable<Result<void>> open_plugin(host_protocol::OpenPlugin request);
    /// Runs a job to its end. At the deadline the job is asked to stop; after HostOptions::stop_grace the host is ended.
    awaitable<JobEnd> run(host_protocol::RunJob request, JobEvents events,
                          std::chrono::steady_clock::time_point deadline);
    /// Asks a running job to stop. If it does not, its host is ended after HostOptions::stop_grace.
    void cancel(const std::string &job);
    /// Asks the host to end when its jobs have ended, and returns when it is gone. After the limit it is killed. A
    /// killed host that the system does not end counts as gone after a while, and is logged.
    awaitable<void> leave(std::chrono::steady_clock::duration limit);
    /// Ends the host at once. Its jobs end as stopped.
    void kill();
    /// Returns when the host is gone, or at the deadline.
    awaitable<void> ended(std::chrono::steady_clock::time_point deadline);

private:
    struct RunningJob {
        explicit RunningJob(const asio::any_io_executor &executor) : changed(executor) {}
        JobEvents events;
        Signal changed;
        bool cancelled = false;
        std::size_t wanted_calls = 0; ///< that are not granted yet
        std::optional<JobEnd> end;
    };

    HostProcess(asio::any_io_executor executor, HostOptions options, Log log, std::unique_ptr<Process> process,
                ChannelStream channel);
    awaitable<Result<void>> handshake();
    awaitable<void> read_channel(std::shared_ptr<HostProcess> self);
    awaitable<void> write_channel(std::shared_ptr<HostProcess> self);
    awaitable<void> read_output(std::shared_ptr<HostProcess> self);
    awaitable<void> watch_exit(std::shared_ptr<HostProcess> self);
    awaitable<void> watch_memory(std::shared_ptr<HostProcess> self);
    awaitable<void> await_killed(std::shared_ptr<HostProcess> self);
    void end_process();
    void close();
    void end_jobs();
    void log_end(const std::vector<std::string> &jobs) const;
    void broken(std::string why);

    void on_frame(const host_protocol::Frame &frame);
    template <class M> void receive(const host_protocol::Frame &frame);
    void on(host_protocol::Hello message);
    void on(host_protocol::ModuleLoaded message);
    void on(host_protocol::Refused message);
    void on(host_protocol::PluginOpened message);
    void on(host_protocol::PluginRefused message);
    void on(host_protocol::LogLine message);
    void on(host_protocol::Progress message);
    void on(host_protocol::Checkpoint message);
    void on(host_protocol::JobFinished message);
    void on(host_protocol::CallWanted message);
    void on(host_protocol::CallRefused message);
    void on(host_protocol::Heard message);
    RunningJob *job_of(const std::string &id);

    asio::any_io_executor executor_;
    HostOptions options_;
    Log log_;
    std::unique_ptr<Process> process_;
    HostChannel channel_;
    HostOutput output_;
    HostLife life_;
    std::size_t open_pipes_ = 2;             ///< output and channel, as long as something may still come from them
    std::optional<ModuleInfo> module_;       ///< once it is loaded
    std::optional<std::string> refused_;     ///< why the module cannot be used
    std::optional<std::string> over_memory_; ///< how the host exceeded its memory
    bool died_idle_ = false;
    std::string exit_text_; ///< "was ended by signal 11 (Segmentation fault)"
    std::unordered_map<std::string, std::shared_ptr<RunningJob>> jobs_; ///< by id
    std::unordered_map<std::string, std::string> opened_; ///< plugin → why it was refused, empty if it was opened
    Signal changed_;                                      ///< a frame came, or the phase changed
    Signal gone_;
};

} // namespace angod::supervisor
