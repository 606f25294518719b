// A plugin as Hub sees it: its connection, its heartbeat, its answers and session logs.
//
// Event loop only. Answers are named by a key of the caller's choice; each is written at most once per
// connection, and confirmed when the server has proved to have read past it.
#pragma once

#include "base/async.hpp"
#include "hub/log_buffer.hpp"
#include "hub/messages.hpp"
#include "socketio/connection.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace angod::hub {

struct LinkOptions {
    std::string id, secret;
    socketio::Connection::Options connection;
    std::chrono::milliseconds heartbeat_every{60'000};
};

class PluginLink {
public:
    struct Callbacks {
        std::function<void()> live; ///< answers may be sent
        /// A run. ack is empty if the server wants none; otherwise it is called once the event is recorded.
        std::function<void(std::string payload, std::function<void()> ack)> plugin_event;
        std::function<void(const std::vector<std::string> &keys)> delivered;
    };

    PluginLink(const asio::any_io_executor &executor, asio::thread_pool &pool, LinkOptions options, Callbacks callbacks,
               Log log);

    void start();
    awaitable<void> stop();

    socketio::LinkState state() const { return connection_->state(); }
    const std::string &reason() const { return connection_->reason(); }
    std::uint64_t connects() const { return connection_->connects(); }
    std::uint64_t max_payload() const { return connection_->max_payload(); }
    /// Milliseconds since 1970; 0: none yet.
    std::int64_t last_heartbeat_ms() const { return last_heartbeat_ms_; }

    enum class Sent { written, not_live, too_long };
    /// message: a "response" argument; empty: Hub wants none. What is kept of the job's log goes first.
    Sent send_answer(const std::string &key, std::string_view message, std::string_view log_context);
    /// Would the server take it? True while that is not known.
    bool fits(std::string_view message) const;
    /// A line for the session log, sent, or kept if there is no connection or it is behind. Key and context of its job.
    void log(const std::string &key, std::string_view log_context, LogLevel level, std::string_view text);

private:
    void on_live();
    void on_event(socketio::Event &&event);
    void on_delivered(socketio::Mark mark);
    void send_kept(const std::string &key, std::string_view log_context);
    void beat();
    awaitable<void> heartbeats(std::uint64_t epoch);

    asio::any_io_executor executor_;
    LinkOptions options_;
    Callbacks callbacks_;
    Log log_;
    std::unique_ptr<socketio::Connection> connection_;
    LogBuffer kept_;
    struct Pending {
        socketio::Mark mark;
        std::string key;
    };
    std::deque<Pending> unconfirmed_; ///< written on this connection, in order
    std::uint64_t epoch_ = 0;         ///< of the connection; what belongs to an earlier one ends itself
    std::int64_t last_heartbeat_ms_ = 0;
    Signal stop_signal_;
};

} // namespace angod::hub
