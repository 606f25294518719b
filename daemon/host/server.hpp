// The host's end of the channel: takes requests, runs jobs on threads, reports.
//
// The main thread reads and never runs module code except create; each running job has a thread of its own.
#pragma once

#include "base/channel.hpp"
#include "host/instances.hpp"
#include "host/job.hpp"
#include "host/loader.hpp"
#include "host_protocol/messages.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace angod::host {

class Server {
public:
    explicit Server(ChannelEnd channel) : channel_(std::move(channel)) {}

    /// Serves until angod lets it go or is gone; does not return.
    [[noreturn]] void run();

private:
    struct Work {
        Job job;
        std::mutex mutex;
        std::condition_variable saved;
        std::optional<std::string> save_result; ///< the answer to a checkpoint
    };
    void on_frame(const host_protocol::Frame &frame);
    void on_setup(const host_protocol::Setup &setup);
    void on_run(host_protocol::RunJob &&request);
    void on_leave();
    void work_loop();
    void run_one(const std::shared_ptr<Work> &work);
    Result<void> save_checkpoint(Work &work, std::string_view bytes);
    template <class M> M take(const host_protocol::Frame &frame);
    template <class M> void send(const M &message);
    [[noreturn]] void give_up(const std::string &why);

    ChannelEnd channel_;
    std::mutex write_mutex_;
    std::optional<LoadedModule> module_;
    std::optional<Instances> instances_;
    std::size_t most_threads_ = 1;

    std::mutex mutex_; ///< of all below
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Work>> waiting_;
    std::unordered_map<std::string, std::shared_ptr<Work>> open_; ///< waiting and running, by job id
    std::vector<std::thread> threads_;
    std::size_t idle_threads_ = 0;
    bool leaving_ = false;
};

} // namespace angod::host
