// The host's end of the channel: takes requests, runs jobs on threads, and reports.
//
// All threads are alike and take turns reading the channel. The thread that reads a job runs it, and another thread
// reads on. So a job starts without a change of threads, and one thread always notices when angod is gone. The first
// thread loads the module and makes instances; no other thread exists before the first job.
#pragma once

#include "base/channel.hpp"
#include "host/job/job.hpp"
#include "host/job/known_assets.hpp"
#include "host/module/instances.hpp"
#include "host/module/loader.hpp"
#include "host/process/log_limit.hpp"
#include "host_protocol/messages.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace angod::host {

class Server {
public:
    explicit Server(ChannelEnd channel) : channel_(std::move(channel)) {}

    /// Serves until angod tells it to leave or is gone. Does not return.
    [[noreturn]] void run();

private:
    struct Work {
        explicit Work(LogLimit::Send send_line) : log_limit(std::move(send_line)) {}
        Job job;
        LogLimit log_limit;
        std::mutex progress_mutex; ///< protects the next two members
        std::chrono::steady_clock::time_point next_progress;
        std::optional<std::pair<std::uint64_t, std::uint64_t>> unsent_progress; ///< done, total
        std::mutex mutex;                                                       ///< protects all below
        std::condition_variable saved;
        std::optional<std::string> save_result; ///< angod's answer to a checkpoint; empty text: saved
        bool is_cancelled = false;              ///< the module's callback may still be running
        std::condition_variable granted;        ///< also woken by a cancel
        std::size_t granted_calls = 0;          ///< that no thread has taken yet
        bool has_told_of_wait = false;          ///< the user knows that calls wait
        bool tells_answers = false;             ///< angod wants the answers of Hub
    };
    [[noreturn]] void serve();
    std::shared_ptr<Work> next_work();
    std::shared_ptr<Work> on_frame(const host_protocol::Frame &frame);
    void on_setup(const host_protocol::Setup &setup);
    std::shared_ptr<Work> on_run(host_protocol::RunJob &&request);
    void on_leave();
    host_protocol::JobFinished run_one(Work &work);
    void send_progress(Work &work);
    Result<void> save_checkpoint(Work &work, std::string_view bytes);
    Result<void> want_call(Work &work);
    template <class M> M take(const host_protocol::Frame &frame);
    template <class M> void send(const M &message);
    [[noreturn]] void give_up(const std::string &why);

    ChannelEnd channel_;
    KnownAssets known_assets_;
    std::mutex write_mutex_;
    std::mutex read_mutex_; ///< the turn to read; protects the three members below
    host_protocol::FrameBuffer buffer_;
    std::optional<LoadedModule> module_;
    std::optional<Instances> instances_;

    std::mutex mutex_;                                            ///< protects all below
    std::unordered_map<std::string, std::shared_ptr<Work>> open_; ///< running jobs, by job id
    std::size_t readers_ = 1;                                     ///< threads that read or wait for their turn to read
    bool leaving_ = false;                                        ///< exit after the last open job
};

} // namespace angod::host
