// A plugin as Hub sees it: its connection, its heartbeat, its answers and session logs.
//
// Event loop only. Answers are named by a key of the caller's choice; each is written at most once per
// connection, and confirmed when the server has proved to have read past it.
#pragma once

#include "base/async.hpp"
#include "hub/link.hpp"
#include "hub/log_buffer.hpp"
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

class PluginLink : public Link {
public:
    PluginLink(const asio::any_io_executor &executor, asio::thread_pool &pool, LinkOptions options, Callbacks callbacks,
               Log log);

    void start() override;
    awaitable<void> stop() override;

    socketio::LinkState state() const override { return connection_->state(); }
    const std::string &reason() const override { return connection_->reason(); }
    std::uint64_t connects() const override { return connection_->connects(); }
    std::uint64_t max_payload() const override { return connection_->max_payload(); }
    std::int64_t last_heartbeat_ms() const override { return last_heartbeat_ms_; }

    Sent send_answer(const std::string &key, std::string_view message, std::string_view log_context) override;
    bool fits(std::string_view message) const override;
    /// Kept if there is no connection or it is behind.
    void log(const std::string &key, std::string_view log_context, LogLevel level, std::string_view text) override;

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
