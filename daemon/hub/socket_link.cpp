// The connection of one plugin.
//
// An epoch is one session of the connection: heartbeats and acknowledgements of an earlier one end themselves. Answers that were
// written stay in unconfirmed_ until the server has proved that it read past them; when the session is lost, the caller
// sends them again. Lines of session logs that cannot be sent now are kept in kept_.
// Thread: the event loop.
#include "hub/socket_link.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "socketio/packet.hpp"

#include <fmt/format.h>

#include <utility>

namespace angod::hub {

namespace {

/// Bytes around the argument in the message on the wire.
constexpr std::size_t kEventOverhead = sizeof(R"(42/plugin,["response",])") - 1; // without the NUL
/// With more bytes than this on their way a session log waits, because Hub reads more slowly than the module writes.
constexpr std::size_t kMostBacklog = 1u << 20;
/// Of the only event that asks for an acknowledgement.
constexpr std::uint64_t kHeartbeatAck = 0;

/// Whether an acknowledgement says that the server does not want the heartbeat. No public source describes its
/// arguments, so only the usual forms of a refusal count.
bool is_refusal(std::string_view arguments) {
    const auto all = json::elements(arguments);
    if (!all || all->empty()) return false;
    const std::string_view first = all->front();
    if (first == "false") return true;
    const auto members = json::members(first);
    if (!members) return false;
    for (const json::Member &one : *members) {
        if (one.name == "error" && one.value != "null" && one.value != "false" && one.value != R"("")") return true;
        if (one.name == "success" && one.value == "false") return true;
        if (one.name == "status" && (one.value == R"("fail")" || one.value == R"("error")")) return true;
    }
    return false;
}

} // namespace

SocketLink::SocketLink(const asio::any_io_executor &executor, asio::thread_pool &pool, LinkOptions options,
                       Callbacks callbacks, Log log)
    : executor_(executor),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      log_(std::move(log)),
      epoch_ended_(executor) {
    socketio::Connection::Callbacks on;
    on.live = [this] { on_live(); };
    on.lost = [this](const std::string &) {
        end_epoch();
        unconfirmed_.clear(); // the caller sends these answers again
    };
    on.event = [this](socketio::Event &&event) { on_event(std::move(event)); };
    on.delivered = [this](socketio::Mark mark) { on_delivered(mark); };
    on.acknowledged = [this](std::uint64_t id, std::string_view arguments) {
        if (id == kHeartbeatAck) on_acknowledged(arguments);
    };
    connection_ = std::make_unique<socketio::Connection>(executor_, pool, options_.connection, std::move(on), log_);
}

void SocketLink::start() { connection_->start(); }

awaitable<void> SocketLink::stop() {
    end_epoch();
    co_await connection_->stop();
    unconfirmed_.clear(); // not before: the server may still confirm what it reads during the farewell
}

void SocketLink::end_epoch() {
    ++epoch_;
    epoch_ended_.wake_all();
}

void SocketLink::on_live() {
    ++epoch_;
    log_.info("connected to Hub");
    awaits_ack_ = options_.ask_ack;
    if (awaits_ack_)
        beat(kHeartbeatAck);
    else
        beat();
    spawn(executor_, "heartbeats", heartbeats(epoch_));
    callbacks_.live();
}

void SocketLink::beat(std::optional<std::uint64_t> ack) {
    if (connection_->emit("heartbeat", heartbeat(options_.id, options_.secret), ack)) last_heartbeat_ms_ = now_ms();
}

void SocketLink::on_acknowledged(std::string_view arguments) {
    if (!std::exchange(awaits_ack_, false)) return;
    if (is_refusal(arguments))
        log_.warning("Hub does not accept the heartbeat; check the plugin's id and secret");
    else if (callbacks_.confirmed)
        callbacks_.confirmed();
}

awaitable<void> SocketLink::heartbeats(std::uint64_t epoch) {
    auto next = std::chrono::steady_clock::now() + options_.heartbeat_every;
    while (epoch == epoch_) {
        if (std::chrono::steady_clock::now() >= next) {
            beat();
            next += options_.heartbeat_every;
        }
        co_await epoch_ended_.wait_until(next);
    }
}

void SocketLink::on_event(socketio::Event &&event) {
    std::function<void()> ack;
    if (event.ack)
        ack = [this, id = *event.ack, epoch = epoch_] {
            if (epoch == epoch_) connection_->ack(id);
        };
    if (event.name == "plugin") return callbacks_.plugin_event(std::move(event.payload), std::move(ack));
    log_.debug("ignored an event of Hub called {}", event.name.substr(0, 100));
    if (ack) ack();
}

bool SocketLink::fits(std::string_view message) const {
    return max_payload() == 0 || message.size() + kEventOverhead <= max_payload();
}

SocketLink::Sent SocketLink::send_answer(const std::string &key, std::string_view message,
                                         std::string_view log_context) {
    if (connection_->state() != socketio::LinkState::live) return Sent::not_live;
    if (!message.empty() && !fits(message)) return Sent::too_long;
    send_kept(key, log_context);
    if (!message.empty() && !connection_->emit("response", message)) return Sent::not_live;
    unconfirmed_.push_back({connection_->mark(), key});
    return Sent::written;
}

void SocketLink::on_delivered(socketio::Mark mark) {
    std::vector<std::string> keys;
    while (!unconfirmed_.empty() && unconfirmed_.front().mark <= mark) {
        keys.push_back(std::move(unconfirmed_.front().key));
        unconfirmed_.pop_front();
    }
    if (!keys.empty()) callbacks_.delivered(keys);
}

void SocketLink::log(const std::string &key, std::string_view log_context, LogLevel level, std::string_view text) {
    std::string message = log_message(log_context, level, text);
    if (!fits(message)) return;
    if (connection_->state() == socketio::LinkState::live && connection_->backlog() <= kMostBacklog) {
        send_kept(key, log_context);
        if (connection_->emit("log", message)) return;
    }
    kept_.add(key, std::move(message));
}

void SocketLink::send_kept(const std::string &key, std::string_view log_context) {
    const LogBuffer::Kept kept = kept_.take(key);
    if (kept.dropped > 0)
        connection_->emit(
            "log", log_message(log_context, LogLevel::warning,
                               fmt::format("{} earlier lines of this run were dropped: there was no connection, or the "
                                           "connection was too slow",
                                           kept.dropped)));
    for (const std::string &message : kept.messages) connection_->emit("log", message);
}

} // namespace angod::hub
