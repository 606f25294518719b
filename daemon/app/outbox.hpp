// Sends the answers of a plugin's jobs, which lie in the queue. Keeps and sends the refusals of runs that could not be
// recorded: 1,000 at most, and a restart loses them.
//
// An answer or a refusal waits until Hub has confirmed it, or until it is given up because Hub will never take it.
//
//   an answer ...                           becomes
//   is sent, and confirmed                  delivered: the queue confirms the job
//   is sent, and the link is lost           sent again when the link is live
//   is longer than Hub takes                replaced by the error answer, which says so to the user
//   is too long, as its error answer is     given up: the job has failed, and its problem names all sizes
//   is refused by Hub for good              given up
//
// Event loop only.
#pragma once

#include "app/counters.hpp"
#include "app/session_log.hpp"
#include "base/async.hpp"
#include "base/log.hpp"
#include "config/config.hpp"
#include "hub/link.hpp"
#include "jobs/queue.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace angod::app {

class Outbox {
public:
    /// All of it outlives the outbox.
    struct Neighbours {
        asio::any_io_executor executor;
        std::string plugin; ///< name
        config::HubLog hub_log;
        jobs::Queue &queue;
        hub::Link &link;
        Counters &counters;
        SessionLog &session_log;
        Log log; ///< of the plugin
    };
    explicit Outbox(Neighbours neighbours) : use_(std::move(neighbours)) {}

    /// Answers a run that could not be recorded, at once: a session in Hub always ends.
    void refuse(const hub::PluginEvent &event, const Error &why);
    /// Sends the answer of a job, if the link is live.
    void send(const jobs::JobPtr &job);
    /// The link is live: sends all that waits.
    void send_all();
    /// Hub has these answers.
    void delivered(const std::vector<std::string> &keys);
    /// Hub will never take this answer.
    void undeliverable(const std::string &key, const std::string &why);
    /// The run of an answer or of a job; nothing if it has ended.
    std::optional<hub::Run> run_of(const std::string &key) const;
    /// Takes over the refusals of a plugin that has handed over to this one.
    void take_over(Outbox &before);

    std::size_t refusals() const { return refusals_.size(); }

private:
    struct Refusal {
        std::string message, log_context;
        hub::Run run;
    };
    void send_refusal(const std::string &key);
    void replace_too_long(const jobs::JobPtr &job);
    void give_up_too_long(const jobs::JobPtr &job);
    void give_up(const jobs::JobPtr &job, const std::string &why);

    const Neighbours use_;
    std::map<std::string, Refusal> refusals_; ///< by key, the oldest first
    std::uint64_t last_refusal_ = 0;
};

} // namespace angod::app
