// One plugin's connection to Hub: it connects, joins its namespace, notices when the link is dead, and connects again until
// it is stopped.
//
// There is never more than one socket. Everything happens on the event loop, callbacks included. Received frames alone keep
// a connection alive.
//
//   phase              event                              next phase
//   idle               start()                            connecting
//   connecting         the session is live                live
//   connecting         Hub redirects the handshake        connecting (once; see handshake_redirect)
//   connecting, live   Hub refused the session            refused
//   connecting, live   the session ended otherwise        backoff
//   backoff, refused   the wait is over                   connecting
//   all but idle       stop()                             stopping
//   stopping           the session has ended              idle
#pragma once

#include "socketio/backoff.hpp"
#include "socketio/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace angod::socketio {

enum class LinkState { idle, connecting, live, backoff, refused };

class Connection {
public:
    using Options = ConnectionOptions;
    /// However long a server asks for a pause, the next attempt comes after this time and the usual wait.
    static constexpr std::chrono::milliseconds kLongestPause{600'000};
    struct Callbacks {
        std::function<void()> live;                          ///< the namespace has accepted the plugin
        std::function<void(const std::string &reason)> lost; ///< after live, but not after a stop
        std::function<void(Event &&event)> event;
        std::function<void(Mark mark)> delivered; ///< the server has read everything up to this mark
        /// The server acknowledged an event of the present session. arguments: a JSON array as it came, not checked. May
        /// be empty.
        std::function<void(std::uint64_t id, std::string_view arguments)> acknowledged;
    };

    Connection(const asio::any_io_executor &executor, asio::thread_pool &pool, Options options, Callbacks callbacks,
               Log log, Backoff backoff = Backoff());

    /// Connects until stop.
    void start();
    /// Says good-bye if it is connected, and ends. Ends every wait at once. It may be started again.
    awaitable<void> stop();

    LinkState state() const;
    /// Why it is not live; empty if there is nothing to say.
    const std::string &reason() const { return reason_; }
    /// Longest message the server takes, in bytes; 0 while not connected or not known.
    std::uint64_t max_payload() const { return session_ ? session_->max_payload() : 0; }
    std::uint64_t connects() const { return connects_; }

    /// Bytes that the network has not taken yet.
    std::size_t backlog() const { return session_ ? session_->backlog() : 0; }
    /// False if the connection is not live: nothing was sent. ack: asks for an acknowledgement under this number.
    bool emit(std::string_view name, std::string_view argument_json, std::optional<std::uint64_t> ack = {});
    void ack(std::uint64_t id);
    /// Asks for proof that the server has read all that was sent so far. delivered is called with this mark or a later
    /// one, unless the session is lost first. Only while live. Each session counts its marks anew.
    Mark mark() { return session_->mark(); }

private:
    enum class Phase { idle, connecting, live, backoff, refused, stopping };

    awaitable<void> run();
    awaitable<Session::Ending> run_session(const Options &options);
    awaitable<Session::Ending> follow(Session::Ending redirected);
    Backoff::Duration wait_after(const Session::Ending &ending);
    void tell(const Session::Ending &ending, Backoff::Duration wait);

    asio::any_io_executor executor_;
    asio::thread_pool &pool_;
    Options options_;
    Callbacks callbacks_;
    Session::Callbacks session_callbacks_;
    Log log_;

    Phase phase_ = Phase::idle;
    std::shared_ptr<Session> session_; ///< null between two sessions
    std::string reason_;
    std::string told_;                  ///< the reason that the log has
    std::optional<Options> redirected_; ///< where Hub redirects the handshake; kept for the time of a session
    std::string told_redirect_;         ///< the address that the log has
    std::uint64_t connects_ = 0;
    Signal changed_; ///< the phase, by start, stop and the end
    Backoff backoff_;
};

} // namespace angod::socketio
