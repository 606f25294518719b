// The way between a plugin and Hub: a connection of the plugin's own (SocketLink), or calls in both directions
// (connector::RestLink). Event loop only.
#pragma once

#include "base/async.hpp"
#include "hub/messages.hpp"
#include "socketio/connection.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::hub {

/// The parts of a run that its answer and its log need where there is no connection.
struct Run {
    std::string session;              ///< the JSON token as it came
    std::string digest;               ///< SHA-256 of the event
    std::string api_key;              ///< a secret; empty if the event had none
    std::int64_t created_boot_ms = 0; ///< by since_boot_ms
    bool posted = false;              ///< its answer is never the response to the call that started it
    bool failed = false;              ///< its answer says only that it failed
};

/// The word live has two meanings here. The callback live says that answers may be sent. The state LinkState::live says
/// that Hub shows a green light: it accepted the connection (SocketLink), or it asked for the heartbeat within the last
/// three minutes (RestLink, whose answers may be sent before that).
class Link {
public:
    struct Callbacks {
        std::function<void()> live; ///< answers may be sent
        /// A run. ack is empty if the server wants none. Otherwise call it when the event is recorded or refused.
        std::function<void(std::string payload, std::function<void()> ack)> plugin_event;
        std::function<void(const std::vector<std::string> &keys)> delivered;
        /// Hub will never accept this answer.
        std::function<void(const std::string &key, const std::string &why)> undeliverable;
        /// The run with this key; nothing if it has ended.
        std::function<std::optional<Run>(const std::string &key)> run;
        std::function<bool()> ready;     ///< the plugin can do its work
        std::function<void()> confirmed; ///< Hub has acknowledged a heartbeat. May be empty
        /// The kind of the plugin's runs. Called with each call of Hub.
        std::function<PluginKind()> kind;
    };

    virtual ~Link() = default;
    Link() = default;
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;

    virtual void start() = 0;
    /// The link may be started again.
    virtual awaitable<void> stop() = 0;
    /// Hub's calls no longer reach this link. Without this they reach it even while it is stopped. It is not started again.
    virtual void stop_routing() {}

    virtual socketio::LinkState state() const = 0;
    /// Why it is not live; empty if there is nothing to say.
    virtual const std::string &reason() const = 0;
    virtual std::uint64_t connects() const = 0;
    /// Longest message that Hub accepts, in bytes; 0: not known.
    virtual std::uint64_t max_payload() const = 0;
    /// Milliseconds since 1970; 0: none yet.
    virtual std::int64_t last_heartbeat_ms() const = 0;

    enum class Sent { written, not_live, too_long };
    /// message: a "response" argument; empty if Hub wants no answer. The kept lines of the job's log are sent first.
    virtual Sent send_answer(const std::string &key, std::string_view message, std::string_view log_context) = 0;
    /// Whether Hub accepts a message of this length. True while that is not known.
    virtual bool fits(std::string_view message) const = 0;
    /// Sends a line of the session log, or keeps it for later. key and log_context are those of its job.
    virtual void log(const std::string &key, std::string_view log_context, LogLevel level, std::string_view text) = 0;
};

} // namespace angod::hub
