// One plugin's connection to Hub: connects, joins its namespace, notices when the link is dead, and comes back
// for ever.
//
// There is never more than one socket. Everything happens on the event loop, callbacks included; what they are
// told of an event is theirs to keep. Liveness follows from received frames alone.
#pragma once

#include "base/async.hpp"
#include "base/log.hpp"
#include "base/proxy.hpp"
#include "base/url.hpp"
#include "socketio/backoff.hpp"
#include "socketio/net_stream.hpp"
#include "socketio/packet.hpp"
#include "socketio/websocket_codec.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace angod::socketio {

enum class LinkState { idle, connecting, live, backoff, refused };

/// Number of a point in what was written; later points have higher numbers. 0: none.
using Mark = std::uint64_t;

class Connection {
public:
    struct Options {
        Url url;
        std::shared_ptr<asio::ssl::context> tls; ///< null for plaintext
        std::optional<Proxy> proxy;              ///< nothing: a direct connection
        std::string name_space;                  ///< "/plugin"
        std::string user_agent;
    };
    struct Callbacks {
        std::function<void()> live;                          ///< the namespace has accepted us
        std::function<void(const std::string &reason)> lost; ///< after live
        std::function<void(Event &&event)> event;
        std::function<void(Mark mark)> delivered; ///< the server has read everything up to this mark
    };

    Connection(const asio::any_io_executor &executor, asio::thread_pool &pool, Options options, Callbacks callbacks,
               Log log);

    /// Connects until stop.
    void start();
    /// Says good-bye if it is connected, and ends. Ends every wait at once. It may be started again.
    awaitable<void> stop();

    LinkState state() const { return state_; }
    /// Why it is not live; empty if there is nothing to say.
    const std::string &reason() const { return reason_; }
    /// Longest message the server takes, in bytes; 0 while not live or not known.
    std::uint64_t max_payload() const { return handshake_.max_payload; }
    std::uint64_t connects() const { return connects_; }

    /// Bytes that the network has not taken yet.
    std::size_t backlog() const { return out_.size() + writing_.size(); }
    /// False if the connection is not live: nothing was sent.
    bool emit(std::string_view name, std::string_view argument_json);
    void ack(std::uint64_t id);
    /// Asks for proof that the server has read all that was sent so far. delivered() is called with this mark or
    /// a later one, unless the connection is lost first.
    Mark mark();

private:
    awaitable<void> run();
    awaitable<std::string> run_session();
    awaitable<void> read_loop();
    awaitable<void> write_loop();
    awaitable<void> watch();
    void open_codec();
    awaitable<void> on_text(std::string text);
    void on_binary(std::string &&bytes);
    awaitable<void> on_packet(std::string text);
    awaitable<void> deliver_event(std::string text);
    void on_server_ping();
    void on_pong(std::string_view payload);
    void send(std::string_view text);
    void flush();
    void end_session(std::string why);
    void extend_deadline(std::chrono::steady_clock::duration from_now);
    void confirm(Mark mark);

    asio::any_io_executor executor_;
    asio::thread_pool &pool_;
    Options options_;
    Callbacks callbacks_;
    Log log_;

    LinkState state_ = LinkState::idle;
    std::string reason_;
    std::string told_; ///< the reason that the log has
    std::uint64_t connects_ = 0;
    bool started_ = false, stopping_ = false, stopped_ = false;
    Signal stop_signal_, changed_;
    Backoff backoff_;

    // What belongs to one socket; set anew by run_session.
    struct Incoming {
        bool text;
        std::string bytes;
    };
    std::unique_ptr<NetStream> stream_;
    std::unique_ptr<WebSocketCodec> codec_;
    std::vector<Incoming> inbox_; ///< whole messages, in order, not looked at yet
    Handshake handshake_;
    std::string out_, writing_;
    std::string end_reason_;
    bool ended_ = true, refused_ = false, unwanted_ = false;
    std::chrono::steady_clock::time_point live_since_, deadline_;
    std::string binary_head_; ///< a binary event some of whose attachments are still to come
    std::vector<std::string> attachments_;
    std::size_t attachment_bytes_ = 0;

    Mark last_mark_ = 0, pinged_ = 0, confirmed_ = 0, behind_pong_ = 0;
};

} // namespace angod::socketio
