// One angod-host: started, spoken to, watched, ended.
//
// Event loop only. Shared by the pool and by every job that runs in it.
#pragma once

#include "base/async.hpp"
#include "base/process.hpp"
#include "host_protocol/messages.hpp"
#include "supervisor/line_budget.hpp"
#include "supervisor/module_info.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace angod::supervisor {

struct HostOptions {
    std::string label;                              ///< for the process list and the log: the plugin
    std::uint64_t generation = 0;                   ///< of the module; 0: it is only tried out
    std::string module_path;                        ///< the staged copy
    std::map<std::string, std::string> environment; ///< all that the module sees
    std::chrono::seconds start_limit{20};
    std::uint64_t memory = 0; ///< bytes of its own; a host that uses more is ended; 0: no limit
};

/// What happens to a job while it runs.
struct JobEvents {
    std::function<void(std::uint32_t level, std::string text)> log;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
    /// Must end with a call of saved: empty text: it is durable.
    std::function<void(std::string bytes, std::function<void(std::string problem)> saved)> checkpoint;
    std::vector<std::string> secrets; ///< kept out of what the host prints
};

/// How a job ended.
struct JobEnd {
    enum class How {
        finished,      ///< the module came to an end: result
        died_alone,    ///< the host died, and only this job was running
        died_together, ///< the host died with several jobs: nobody knows whose fault it was
        stopped,       ///< angod ended the host for another reason
        timed_out,
        cancelled, ///< see HostProcess::cancel
    };
    How how = How::finished;
    bool first_of_host = true;         ///< of those that died with one host, only one has it
    bool over_memory = false;          ///< the host died of HostOptions::memory
    host_protocol::JobFinished result; ///< of finished
    std::string text;                  ///< for the operator: how the host ended and what it printed last
};

class HostProcess : public std::enable_shared_from_this<HostProcess> {
public:
    /// Starts the program.
    static Result<std::shared_ptr<HostProcess>> start(const asio::any_io_executor &executor, const Program &program,
                                                      HostOptions options, Log log);
    ~HostProcess();

    /// Loads the module. Comes first; on error, also when it is killed meanwhile, nothing is left running. remote: the
    /// host died.
    awaitable<Result<void>> load();

    const ModuleInfo &module() const { return module_; }
    int pid() const { return process_->pid(); }
    bool alive() const { return !gone_ && !exited_ && !channel_ended_ && !leaving_; }
    /// It was told to end when its jobs have.
    bool leaving() const { return leaving_; }
    std::size_t running() const { return jobs_.size(); }
    /// Of one that has ended: by itself, without a job.
    bool died_idle() const { return died_idle_; }
    /// Of one that has ended: how, and what it printed last.
    std::string end_text() const;
    std::size_t resident() const { return process_->resident(); }

    /// Has the module make an instance for the plugin; the error is the module's reason. remote: the host died.
    awaitable<Result<void>> open_plugin(host_protocol::OpenPlugin request);
    /// Runs a job to its end. At the deadline it is asked to stop, and a while later the host is ended.
    awaitable<JobEnd> run(host_protocol::RunJob request, JobEvents events,
                          std::chrono::steady_clock::time_point deadline);
    /// Asks a running job to stop; if it does not, its host is ended a while later.
    void cancel(const std::string &job);
    /// Lets it end by itself when its jobs have; then, or after the limit, it is gone. A killed host that the system
    /// holds on to counts as gone after a while, and is logged.
    awaitable<void> leave(std::chrono::steady_clock::duration limit);
    /// Ends it at once. Its jobs end as stopped.
    void kill();
    /// Until it has ended, however that came about, or the deadline.
    awaitable<void> ended(std::chrono::steady_clock::time_point deadline);

private:
    struct RunningJob {
        explicit RunningJob(const asio::any_io_executor &executor) : changed(executor) {}
        JobEvents events;
        Signal changed;
        bool cancelled = false;
        std::optional<JobEnd> end;
    };

    HostProcess(asio::any_io_executor executor, HostOptions options, Log log, std::unique_ptr<Process> process,
                ChannelStream channel);
    awaitable<Result<void>> handshake();
    awaitable<void> read_loop(std::shared_ptr<HostProcess> self);
    awaitable<void> write_loop(std::shared_ptr<HostProcess> self);
    awaitable<void> output_loop(std::shared_ptr<HostProcess> self);
    awaitable<void> watch(std::shared_ptr<HostProcess> self);
    awaitable<void> watch_memory(std::shared_ptr<HostProcess> self);
    void end_process();
    awaitable<void> give_up(std::shared_ptr<HostProcess> self);
    void be_gone();
    void on_frame(const host_protocol::Frame &frame);
    template <class M> bool receive(const host_protocol::Frame &frame, M &message);
    void send(std::string frame);
    void broken(std::string why);
    void print(std::string_view line, const std::vector<std::string> &hidden);
    void log_death(const std::vector<std::string> &jobs) const;
    std::vector<std::string> secrets() const;
    void forget(const RunningJob &job);
    std::string last_words() const;

    asio::any_io_executor executor_;
    HostOptions options_;
    Log log_;
    std::unique_ptr<Process> process_;
    ChannelStream channel_;
    ModuleInfo module_;
    std::string out_, writing_;
    std::optional<std::string> refused_; ///< why the module cannot be used
    bool loaded_ = false, leaving_ = false, killed_ = false, ending_ = false, died_idle_ = false, over_memory_ = false,
         gone_ = false, output_ended_ = false, channel_ended_ = false, exited_ = false;
    std::string exit_text_, end_reason_;
    std::deque<std::string> ended_secrets_;
    std::deque<std::string> printed_; ///< the last lines of stdout and stderr
    LineBudget budget_;               ///< of what goes to the log at the module's wish
    std::unordered_map<std::string, std::shared_ptr<RunningJob>> jobs_;
    std::unordered_map<std::string, std::string> opened_; ///< plugin → reason, empty if it worked
    Signal changed_;
    Signal ended_;
};

} // namespace angod::supervisor
