// One connection to Hub, from the first byte to its end.
//
// Event loop only. A session is made for one socket and never used again; socketio::Connection makes the next one.
//
//   phase        event                                          next phase
//   connecting   the network connection is made                 handshake
//   connecting   no connection, or not in time                  ended (failed)
//   handshake    the server opens no WebSocket                  ended (failed)
//   handshake    the WebSocket is open, Engine.IO says hello    joining
//   joining      the namespace accepts the plugin               live
//   any          the namespace refuses the plugin               ended (refused)
//   live         Hub ends it within five seconds                ended (unwanted)
//   live         Hub ends it later                              ended (failed)
//   live         close()                                        closing
//   closing      what was written has left, or takes too long   ended (stopped)
//   not live     close()                                        ended (stopped)
//   any          the link is lost, the deadline passes,         ended (failed)
//                or the server breaks the protocol
#pragma once

#include "base/async.hpp"
#include "base/log.hpp"
#include "base/proxy.hpp"
#include "base/url.hpp"
#include "socketio/delivery_proof.hpp"
#include "socketio/http_answer.hpp"
#include "socketio/net_stream.hpp"
#include "socketio/packet.hpp"
#include "socketio/websocket_codec.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::socketio {

struct SessionLimits {
    std::chrono::milliseconds connect{15'000};
    std::chrono::milliseconds join{20'000};    ///< from the first byte to an accepted namespace
    std::chrono::milliseconds farewell{100};   ///< how long a stop waits for unsent bytes
    std::chrono::milliseconds too_soon{5'000}; ///< Hub most likely did not want a session that it ends this soon
};

struct ConnectionOptions {
    Url url;                                 ///< the target "/" stands for Hub's own path
    std::shared_ptr<asio::ssl::context> tls; ///< null for plaintext
    std::string ca_file;              ///< for an encrypted address to which a plain one redirects; empty: the system's
    ProxyRules proxies;               ///< checked by the configuration
    std::vector<std::string> secrets; ///< never repeated from texts of the server
    std::string name_space;           ///< "/plugin"
    std::string user_agent;
    SessionLimits limits;
};

class Session : public std::enable_shared_from_this<Session> {
public:
    enum class Phase { connecting, handshake, joining, live, closing, ended };
    enum class End { failed, refused, unwanted, stopped };

    struct Callbacks {
        std::function<void()> live; ///< the namespace has accepted the plugin
        std::function<void(Event &&event)> event;
        std::function<void(Mark mark)> delivered; ///< the server has read everything up to this mark
        /// The server acknowledged an event. arguments: a JSON array as it came, not checked. May be empty.
        std::function<void(std::uint64_t id, std::string_view arguments)> acknowledged;
    };
    struct Ending {
        End end = End::failed;
        std::string reason;
        bool was_live = false;
        std::chrono::steady_clock::duration live_for{0};
        std::optional<std::chrono::milliseconds> pause; ///< for which the server, or the proxy, asked
        std::optional<Url> redirect; ///< where the server wants the handshake; see handshake_redirect
    };

    /// options and callbacks outlive the session.
    Session(const asio::any_io_executor &executor, asio::thread_pool &pool, const ConnectionOptions &options,
            const Callbacks &callbacks, const Log &log);

    /// Connects and works until the session has ended. Once.
    awaitable<Ending> run();
    /// Takes leave of a live server and waits until that has left, but not longer than the limit. Then ends the session.
    awaitable<void> close();

    Phase phase() const { return phase_; }
    /// Longest message that the server takes, in bytes; 0: not known.
    std::uint64_t max_payload() const { return handshake_.max_payload; }
    /// Bytes that the network has not taken yet.
    std::size_t backlog() const { return out_.size() + writing_.size(); }

    /// False if the session is not live: nothing was sent.
    bool emit(std::string_view name, std::string_view argument_json, std::optional<std::uint64_t> ack = {});
    void ack(std::uint64_t id);
    /// Asks for proof that the server has read all that was sent so far. delivered is called with this mark or a later
    /// one, unless the session ends first. Marks are numbers of this session.
    Mark mark();

private:
    struct Incoming {
        bool text;
        std::string bytes;
    };
    /// An event whose attachments have not all come.
    struct BinaryEvent {
        std::string text; ///< the packet, without the Engine.IO character
        std::size_t expected;
        std::vector<std::string> attachments;
        std::size_t attachment_bytes = 0;
    };

    void open_codec();
    void take_opening(std::string_view bytes);
    void refuse_opening();
    void lose_at_end(const Error &failed);
    awaitable<void> read_loop();
    awaitable<void> write_loop();
    awaitable<void> watch();
    awaitable<void> take_messages();
    awaitable<void> on_text(std::string text);
    void on_binary(std::string &&bytes);
    void on_handshake(std::string_view data);
    awaitable<void> on_packet(std::string text);
    void on_accepted();
    void on_disconnect();
    awaitable<void> deliver(BinaryEvent event);
    void on_server_ping();
    void on_pong(std::string_view payload);
    void write_ping();
    void send(std::string_view text);
    void flush();
    void flush_soon();
    /// The first reason counts.
    void end(End end, std::string reason);
    void fail(std::string reason) { end(End::failed, std::move(reason)); }
    /// fail, with the server's name in front.
    void lose(std::string_view reason);
    bool accepted() const { return phase_ == Phase::live || phase_ == Phase::closing; }
    std::chrono::milliseconds ping_limit() const;
    void extend_deadline(std::chrono::steady_clock::duration from_now);

    asio::any_io_executor executor_;
    asio::thread_pool &pool_;
    const ConnectionOptions &options_;
    const Callbacks &callbacks_;
    Log log_;

    Phase phase_ = Phase::connecting;
    Ending ending_;
    Signal written_;        ///< there is something to write, or something was written
    Signal deadline_moved_; ///< or the session has ended
    std::unique_ptr<NetStream> stream_;
    std::unique_ptr<WebSocketCodec> codec_;
    std::optional<HttpAnswerReader> opening_; ///< the answer to the handshake, until it is known
    std::vector<Incoming> inbox_;             ///< whole messages, in order, not looked at yet
    Handshake handshake_;
    std::string out_, writing_;
    bool flush_posted_ = false;
    std::chrono::steady_clock::time_point live_since_, deadline_;
    std::optional<BinaryEvent> binary_event_;
    DeliveryProof proof_;
};

} // namespace angod::socketio
