// One session is three coroutines around a socket: one reads and acts, one writes, one watches the deadline.
// Whoever sees the end first calls end_session, which closes the socket and so ends the other two.
#include "socketio/connection.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace angod::socketio {

namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using Clock = std::chrono::steady_clock;

/// From the first byte to an accepted namespace.
constexpr auto kConnectLimit = 15s, kJoinLimit = 20s;
/// What does not leave within this time at a stop is not worth a longer wait.
constexpr auto kFarewellLimit = 100ms;
/// A session that Hub ends this soon was not wanted, most likely.
constexpr auto kTooSoon = 5s;
constexpr std::size_t kLarge = 64 * 1024; ///< longer messages are taken apart off the event loop
constexpr std::size_t kMaxAttachmentBytes = kMaxEventBytes;
static_assert(WebSocketCodec::kMaxMessage == kMaxEventBytes);

} // namespace

Connection::Connection(const asio::any_io_executor &executor, asio::thread_pool &pool, Options options,
                       Callbacks callbacks, Log log)
    : executor_(executor),
      pool_(pool),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      log_(std::move(log)),
      stop_signal_(executor),
      changed_(executor) {}

void Connection::start() {
    if (std::exchange(started_, true)) return;
    spawn(executor_, "connection", run());
}

awaitable<void> Connection::stop() {
    stopping_ = true;
    stop_signal_.wake_all();
    if (state_ == LinkState::live) {
        send(fmt::format("41{},", options_.name_space));
        codec_->close(1000, "");
        flush();
        const auto limit = Clock::now() + kFarewellLimit;
        while (!ended_ && backlog() > 0 && Clock::now() < limit) co_await changed_.wait_until(limit);
    }
    end_session("stopped");
    while (started_ && !stopped_) co_await changed_.wait();
    started_ = stopping_ = stopped_ = false;
}

awaitable<void> Connection::run() {
    while (!stopping_) {
        state_ = LinkState::connecting;
        const std::uint64_t before = connects_;
        std::string why = co_await run_session();
        const bool was_live = connects_ > before;
        const auto live_for = was_live ? Clock::now() - live_since_ : Clock::duration::zero();
        if (stopping_) break;
        if (was_live) callbacks_.lost(why);
        const auto wait = backoff_.next(std::chrono::duration_cast<Backoff::Duration>(live_for));
        state_ = refused_ ? LinkState::refused : LinkState::backoff;
        // One line per change of the reason: a Hub that is down for a day, or that ends each session of a plugin whose
        // secret it does not know, is not news every 30 seconds.
        if (why != told_ || (was_live && !unwanted_))
            log_.warning("{}; trying again, next in {} ms", why, wait.count());
        else
            log_.debug("{}; trying again in {} ms", why, wait.count());
        told_ = why;
        reason_ = std::move(why);
        co_await stop_signal_.wait_until(Clock::now() + wait);
    }
    state_ = LinkState::idle;
    stopped_ = true;
    changed_.wake_all();
}

awaitable<std::string> Connection::run_session() {
    ended_ = refused_ = unwanted_ = false;
    handshake_ = {};
    out_.clear();
    writing_.clear();
    inbox_.clear();
    binary_head_.clear();
    attachments_.clear();
    end_reason_.clear();
    Route route{options_.url, options_.tls, options_.proxy, options_.user_agent};
    auto connecting = co_await (connect(std::move(route), kConnectLimit) || stop_signal_.wait());
    if (connecting.index() == 1 || stopping_) co_return "stopped";
    auto &stream = std::get<0>(connecting);
    if (!stream) co_return stream.error().text;
    stream_ = std::move(*stream);
    extend_deadline(kJoinLimit);
    open_codec();
    co_await (read_loop() && write_loop() && watch());
    // Marks of a lost session can no longer be confirmed.
    pinged_ = confirmed_ = behind_pong_ = last_mark_;
    codec_.reset();
    stream_.reset();
    handshake_ = {};
    co_return end_reason_;
}

void Connection::open_codec() {
    WebSocketCodec::Handlers handlers;
    handlers.output = [this](std::string_view bytes) { out_.append(bytes); };
    handlers.open = [this] { log_.debug("WebSocket open"); };
    handlers.text = [this](std::string &&text) { inbox_.push_back({true, std::move(text)}); };
    handlers.binary = [this](std::string &&bytes) { inbox_.push_back({false, std::move(bytes)}); };
    handlers.pong = [this](std::string_view payload) { on_pong(payload); };
    handlers.closed = [this](const std::string &why) {
        end_session(fmt::format("{}: {}", options_.url.authority(), why));
    };
    const Url &url = options_.url;
    const std::string uri =
        fmt::format("{}://{}/socket.io/?EIO=4&transport=websocket", url.encrypted() ? "wss" : "ws", url.authority());
    codec_ = std::make_unique<WebSocketCodec>(uri, options_.user_agent, std::move(handlers));
    if (!codec_->start()) end_session("the Hub URL cannot be used for a WebSocket");
    flush();
}

awaitable<void> Connection::read_loop() {
    std::array<char, 8192> buffer;
    while (!ended_) {
        const auto got = co_await stream_->read_some(asio::buffer(buffer));
        if (ended_) break;
        if (!got) {
            codec_->end(); // it knows of a close frame that came before
            end_session(fmt::format("{}: {}", options_.url.authority(), got.error().text));
            break;
        }
        if (handshake_.ping_interval_ms && state_ == LinkState::live)
            extend_deadline(std::chrono::milliseconds(handshake_.ping_interval_ms + handshake_.ping_timeout_ms));
        codec_->feed(buffer.data(), *got);
        for (std::size_t i = 0; i < inbox_.size() && !ended_; ++i) {
            Incoming message = std::move(inbox_[i]);
            if (message.text)
                co_await on_text(std::move(message.bytes));
            else
                on_binary(std::move(message.bytes));
            if (!binary_head_.empty() && attachments_.size() == decode_packet(binary_head_)->attachments)
                co_await deliver_event(std::exchange(binary_head_, {}));
        }
        inbox_.clear();
        flush();
    }
}

awaitable<void> Connection::write_loop() {
    while (!ended_) {
        if (out_.empty()) {
            co_await changed_.wait();
            continue;
        }
        writing_ = std::exchange(out_, {});
        const auto written = co_await stream_->write(asio::buffer(writing_));
        std::string().swap(writing_);       // an answer can be large, and the next one far away
        if (stopping_) changed_.wake_all(); // stop waits for what was written
        if (!written && !ended_) end_session(fmt::format("{}: {}", options_.url.authority(), written.error().text));
    }
}

awaitable<void> Connection::watch() {
    while (!ended_) {
        if (Clock::now() >= deadline_) {
            end_session(state_ == LinkState::live
                            ? fmt::format("{}: nothing received for longer than the server's ping interval and "
                                          "time-out; the link is dead",
                                          options_.url.authority())
                            : fmt::format("{}: no answer to the WebSocket and Socket.IO handshakes in time",
                                          options_.url.authority()));
            break;
        }
        co_await stop_signal_.wait_until(deadline_);
    }
}

awaitable<void> Connection::on_text(std::string text) {
    const auto packet = decode_engine(text);
    if (!packet) {
        end_session(packet.error().text);
        co_return;
    }
    switch (packet->type) {
        case EngineType::open: {
            const auto handshake = decode_handshake(packet->data);
            if (!handshake) {
                end_session(handshake.error().text);
                break;
            }
            handshake_ = *handshake;
            send(encode_connect(options_.name_space));
            break;
        }
        case EngineType::ping: on_server_ping(); break;
        case EngineType::close: end_session("the server closed the connection"); break;
        case EngineType::message: co_await on_packet(std::move(text)); break;
        default: break; // pong, upgrade and noop need nothing
    }
}

void Connection::on_binary(std::string &&bytes) {
    attachment_bytes_ += bytes.size();
    if (binary_head_.empty()) return end_session("the server sent a binary message that belongs to no event");
    if (attachment_bytes_ > kMaxAttachmentBytes)
        return end_session(
            fmt::format("the server sent an event with more than the {} MB of binary data that are taken",
                        kMaxAttachmentBytes >> 20));
    attachments_.push_back(std::move(bytes));
}

awaitable<void> Connection::on_packet(std::string text) {
    const auto packet = decode_packet(std::string_view(text).substr(1));
    if (!packet || !binary_head_.empty()) {
        end_session(packet ? "the server sent a text message where the rest of a binary event was due"
                           : packet.error().text);
        co_return;
    }
    if (packet->name_space != options_.name_space) {
        log_.debug("ignored a packet for namespace {}", packet->name_space.substr(0, 100));
        co_return;
    }
    switch (packet->type) {
        case PacketType::connect:
            if (state_ == LinkState::live) break;
            state_ = LinkState::live;
            reason_.clear();
            ++connects_;
            live_since_ = Clock::now();
            extend_deadline(std::chrono::milliseconds(handshake_.ping_interval_ms + handshake_.ping_timeout_ms));
            stop_signal_.wake_all(); // the new deadline may be nearer than the one that is waited for
            callbacks_.live();
            break;
        case PacketType::connect_error:
            refused_ = true;
            end_session(fmt::format("Hub refused the plugin: {}", refusal_text(packet->data)));
            break;
        case PacketType::disconnect:
            unwanted_ = state_ == LinkState::live && Clock::now() - live_since_ < kTooSoon;
            end_session(
                unwanted_ ? "Hub ended the plugin's session right after its heartbeat; check the plugin's id and secret"
                          : "Hub ended the plugin's session");
            break;
        case PacketType::event:
            if (state_ == LinkState::live) co_await deliver_event(text.substr(1));
            break;
        case PacketType::binary_event:
            attachments_.clear();
            attachment_bytes_ = 0;
            binary_head_ = text.substr(1);
            break;
        case PacketType::ack: break; // nothing we send asks for one
        case PacketType::binary_ack: end_session("the server acknowledged something that nobody had asked for"); break;
    }
}

/// text: a Socket.IO packet, without the Engine.IO character.
awaitable<void> Connection::deliver_event(std::string text) {
    const auto packet = decode_packet(text); // it was decoded before: it is in order
    const auto decode = [&] { return decode_event(*packet, attachments_); };
    std::optional<Result<Event>> decoded;
    if (text.size() + attachment_bytes_ > kLarge)
        decoded.emplace(co_await on_pool(pool_, decode));
    else
        decoded.emplace(decode());
    auto &event = *decoded;
    attachments_.clear();
    attachment_bytes_ = 0;
    if (ended_ || state_ != LinkState::live) co_return;
    if (event) {
        callbacks_.event(std::move(*event));
    } else if (event.error().code == Code::limit) {
        log_.warning("ignored an event of Hub: {}", event.error().text);
        if (packet->id) ack(*packet->id);
    } else {
        end_session(event.error().text);
    }
}

void Connection::on_server_ping() {
    // The server starts the wait for its next ping when it has read our pong: this ping says that it has read
    // what was written before the last one.
    confirm(behind_pong_);
    send("3");
    behind_pong_ = last_mark_;
}

void Connection::on_pong(std::string_view payload) {
    Mark mark = 0;
    std::from_chars(payload.data(), payload.data() + payload.size(), mark);
    if (mark == 0 || mark > pinged_) return;
    confirm(mark);
    if (confirmed_ < last_mark_ && pinged_ == mark) {
        pinged_ = last_mark_;
        codec_->ping(std::to_string(pinged_));
        flush();
    }
}

void Connection::confirm(Mark mark) {
    if (mark <= confirmed_) return;
    confirmed_ = mark;
    callbacks_.delivered(mark);
}

Mark Connection::mark() {
    ++last_mark_;
    if (pinged_ <= confirmed_) {
        pinged_ = last_mark_;
        codec_->ping(std::to_string(pinged_));
        flush_soon();
    }
    return last_mark_;
}

bool Connection::emit(std::string_view name, std::string_view argument_json) {
    if (state_ != LinkState::live || ended_) return false;
    send(encode_event(options_.name_space, name, argument_json));
    return true;
}

void Connection::ack(std::uint64_t id) {
    if (state_ == LinkState::live && !ended_) send(encode_ack(options_.name_space, id));
}

void Connection::send(std::string_view text) {
    if (!codec_->send_text(text)) log_.debug("a message could not be sent: the connection is closing");
    flush_soon();
}

/// What is sent in one turn of the event loop leaves in one write.
void Connection::flush_soon() {
    if (std::exchange(flush_posted_, true)) return;
    asio::post(executor_, [this] {
        flush_posted_ = false;
        flush();
    });
}

void Connection::flush() {
    if (ended_ || out_.empty() || !writing_.empty()) return;
    out_.erase(0, stream_->try_write(asio::buffer(out_)));
    if (!out_.empty()) changed_.wake_all();
}

void Connection::end_session(std::string why) {
    if (std::exchange(ended_, true)) return;
    end_reason_ = std::move(why);
    if (stream_) stream_->close();
    stop_signal_.wake_all();
    changed_.wake_all();
}

void Connection::extend_deadline(Clock::duration from_now) { deadline_ = Clock::now() + from_now; }

} // namespace angod::socketio
