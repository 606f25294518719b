// A plugin with a connection of its own: its heartbeat, its answers and its session logs.
//
// Event loop only. The caller names each answer by a key. An answer is written at most once in a session of the connection,
// and it is delivered when the server has proved that it read past it. The states are those of socketio::Connection.
#pragma once

#include "base/async.hpp"
#include "hub/link.hpp"
#include "hub/log_buffer.hpp"
#include "socketio/connection.hpp"

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::hub {

struct LinkOptions {
    std::string id, secret;
    socketio::Connection::Options connection;
    std::chrono::milliseconds heartbeat_every{60'000};
    bool ask_ack = false; ///< the first heartbeat of each connection asks for an acknowledgement
};

class SocketLink : public Link {
public:
    SocketLink(const asio::any_io_executor &executor, asio::thread_pool &pool, LinkOptions options, Callbacks callbacks,
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
    /// The line is kept while there is no connection or while the connection is behind.
    void log(const std::string &key, std::string_view log_context, LogLevel level, std::string_view text) override;

private:
    void on_live();
    void on_event(socketio::Event &&event);
    void on_delivered(socketio::Mark mark);
    void send_kept(const std::string &key, std::string_view log_context);
    void beat(std::optional<std::uint64_t> ack = {});
    void on_acknowledged(std::string_view arguments);
    void end_epoch();
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
    std::list<Pending> unconfirmed_; ///< written in this session, in order
    std::uint64_t epoch_ = 0;        ///< number of the session; heartbeats and acks of an earlier one end themselves
    bool awaits_ack_ = false;        ///< of the first heartbeat of this session
    std::int64_t last_heartbeat_ms_ = 0;
    Signal epoch_ended_;
};

} // namespace angod::hub
