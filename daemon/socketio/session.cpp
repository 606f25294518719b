// A session is three coroutines around one socket: the first reads and acts, the second writes, the third watches the
// deadline. The one that sees the end first calls end(), which closes the socket, and so the other two come to their end.
//
// Bytes go from the socket through the WebSocket codec into the inbox as whole messages, and from there one after the other
// to the Engine.IO and Socket.IO packets. An event that takes long to decode is decoded on the pool; the reading waits for
// it, so that the order of events is kept and the server is slowed down.
//
// Thread: the event loop. Invariants: the phase only goes forward. Nothing is written after the end. At most one write is
// under way. A callback may send, but must not end the session.
#include "socketio/session.hpp"

#include "base/clock.hpp"
#include "base/printable.hpp"
#include "base/redact.hpp"
#include "base/server_words.hpp"
#include "socketio/handshake_refusal.hpp"

#include <fmt/format.h>

#include <array>

namespace angod::socketio {

namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kTarget = "/socket.io/?EIO=4&transport=websocket";
constexpr std::size_t kLarge = 64 * 1024; ///< longer events are decoded off the event loop
static_assert(WebSocketCodec::kMaxMessage == kMaxEventBytes);

} // namespace

Session::Session(const asio::any_io_executor &executor, asio::thread_pool &pool, const ConnectionOptions &options,
                 const Callbacks &callbacks, const Log &log)
    : executor_(executor),
      pool_(pool),
      options_(options),
      callbacks_(callbacks),
      log_(log),
      written_(executor),
      deadline_moved_(executor) {}

// ---- from the first byte to the end

awaitable<Session::Ending> Session::run() {
    const auto self = shared_from_this();
    if (phase_ == Phase::ended) co_return ending_;
    auto proxy = proxy_for(options_.proxies, options_.url);
    if (!proxy) {
        fail(proxy.error().text);
        co_return ending_;
    }
    Route route{options_.url, options_.tls, std::move(*proxy), options_.user_agent};
    auto connecting = co_await (connect(std::move(route), options_.limits.connect) || deadline_moved_.wait());
    if (phase_ == Phase::ended) co_return ending_;
    if (connecting.index() == 1) {
        fail("stopped");
        co_return ending_;
    }
    Connected &connected = std::get<0>(connecting);
    if (connected.stream) {
        stream_ = std::move(*connected.stream);
        phase_ = Phase::handshake;
        extend_deadline(options_.limits.join);
        open_codec();
        co_await (read_loop() && write_loop() && watch());
    } else {
        ending_.pause = connected.pause;
        fail(connected.stream.error().text);
    }
    co_return ending_;
}

awaitable<void> Session::close() {
    const auto self = shared_from_this();
    if (phase_ == Phase::live) {
        send(fmt::format("41{},", options_.name_space));
        phase_ = Phase::closing;
        codec_->close(1000, "");
        flush();
    }
    if (phase_ == Phase::closing) { // another close() may have begun it
        const auto limit = Clock::now() + options_.limits.farewell;
        while (phase_ == Phase::closing && backlog() > 0 && Clock::now() < limit) co_await written_.wait_until(limit);
    }
    end(End::stopped, "stopped");
}

void Session::end(End end, std::string reason) {
    if (phase_ == Phase::ended) return;
    phase_ = Phase::ended;
    ending_.end = end;
    ending_.reason = printable(redact(reason, options_.secrets));
    if (ending_.was_live) ending_.live_for = Clock::now() - live_since_;
    if (stream_) stream_->close();
    deadline_moved_.wake_all();
    written_.wake_all();
}

void Session::lose(std::string_view reason) { fail(fmt::format("{}: {}", options_.url.authority(), reason)); }

std::chrono::milliseconds Session::ping_limit() const {
    return std::chrono::milliseconds(handshake_.ping_interval_ms + handshake_.ping_timeout_ms);
}

void Session::extend_deadline(Clock::duration from_now) { deadline_ = Clock::now() + from_now; }

awaitable<void> Session::watch() {
    while (phase_ != Phase::ended) {
        if (Clock::now() < deadline_)
            co_await deadline_moved_.wait_until(deadline_);
        else if (accepted())
            lose("nothing received for longer than the server's ping interval and time-out; the link is dead");
        else if (opening_ && opening_->status())
            refuse_opening();
        else if (opening_ && opening_->has_begun())
            lose("the server began an answer to the WebSocket handshake, but did not finish it in time");
        else
            lose("no answer to the WebSocket and Socket.IO handshakes in time");
    }
}

// ---- bytes in and out

void Session::open_codec() {
    WebSocketCodec::Handlers handlers;
    handlers.output = [this](std::string_view bytes) { out_.append(bytes); };
    handlers.open = [this] { log_.debug("WebSocket open"); };
    handlers.text = [this](std::string &&text) { inbox_.push_back({true, std::move(text)}); };
    handlers.binary = [this](std::string &&bytes) { inbox_.push_back({false, std::move(bytes)}); };
    handlers.pong = [this](std::string_view payload) { on_pong(payload); };
    handlers.closed = [this](const std::string &why) { lose(why); };
    const Url &url = options_.url;
    const std::string uri = fmt::format("{}://{}{}", url.encrypted() ? "wss" : "ws", url.authority(),
                                        url.target == "/" ? kTarget : url.target);
    codec_ = std::make_unique<WebSocketCodec>(uri, options_.user_agent, std::move(handlers));
    opening_.emplace();
    if (!codec_->start()) fail("the Hub URL cannot be used for a WebSocket");
    flush();
}

awaitable<void> Session::read_loop() {
    std::array<char, 8192> buffer;
    while (phase_ != Phase::ended) {
        const auto got = co_await stream_->read_some(asio::buffer(buffer));
        if (phase_ == Phase::ended) break;
        if (!got) {
            lose_at_end(got.error());
            break;
        }
        if (accepted() && handshake_.ping_interval_ms) extend_deadline(ping_limit());
        if (opening_)
            take_opening({buffer.data(), *got});
        else
            codec_->feed(buffer.data(), *got);
        co_await take_messages();
        flush();
    }
}

/// The codec sees the answer to the handshake only if it opens the WebSocket.
void Session::take_opening(std::string_view bytes) {
    if (const auto fed = opening_->feed(bytes); !fed)
        return lose(fmt::format("the WebSocket handshake failed: the server's answer {}; check whether hub.url is the "
                                "address of Hub",
                                fed.error().text));
    const auto status = opening_->status();
    if (!status) return;
    if (*status == 101) {
        const std::string all = opening_->take_bytes();
        opening_.reset();
        codec_->feed(all.data(), all.size());
    } else if (opening_->is_whole()) {
        refuse_opening();
    } else if (deadline_ - Clock::now() > kRefusalWait) { // once: the rest of the body must come by then
        extend_deadline(kRefusalWait);
        deadline_moved_.wake_all();
    }
}

void Session::refuse_opening() {
    const HttpAnswer answer = opening_->answer();
    ending_.pause = pause_asked(answer, now_ms());
    ending_.redirect = handshake_redirect(options_.url, answer);
    lose(handshake_refusal(answer, options_.secrets));
}

void Session::lose_at_end(const Error &failed) {
    if (opening_ && opening_->status()) return refuse_opening(); // a body without a length ends like this
    codec_->end();                                               // a close frame that came before gives a better reason
    lose(failed.text);
}

awaitable<void> Session::write_loop() {
    while (phase_ != Phase::ended) {
        if (out_.empty()) {
            co_await written_.wait();
            continue;
        }
        writing_ = std::exchange(out_, {});
        const auto written = co_await stream_->write(asio::buffer(writing_));
        std::string().swap(writing_); // an answer can be large, and the next one far away
        if (phase_ == Phase::closing) written_.wake_all();
        if (!written) lose(written.error().text);
    }
}

void Session::send(std::string_view text) {
    if (!codec_->send_text(text)) log_.debug("a message could not be sent: the connection is closing");
    flush_soon();
}

/// All messages of one turn of the event loop leave in one write.
void Session::flush_soon() {
    if (std::exchange(flush_posted_, true)) return;
    asio::post(executor_, [self = shared_from_this()] {
        self->flush_posted_ = false;
        self->flush();
    });
}

void Session::flush() {
    if (phase_ == Phase::ended || out_.empty() || !writing_.empty()) return;
    out_.erase(0, stream_->try_write(asio::buffer(out_)));
    if (!out_.empty()) written_.wake_all();
}

// ---- messages

awaitable<void> Session::take_messages() {
    for (std::size_t i = 0; i < inbox_.size() && phase_ != Phase::ended; ++i) {
        Incoming message = std::move(inbox_[i]);
        if (message.text)
            co_await on_text(std::move(message.bytes));
        else
            on_binary(std::move(message.bytes));
        if (!binary_event_ || binary_event_->attachments.size() != binary_event_->expected) continue;
        BinaryEvent whole = std::move(*binary_event_);
        binary_event_.reset();
        co_await deliver(std::move(whole));
    }
    inbox_.clear();
}

awaitable<void> Session::on_text(std::string text) {
    const auto packet = decode_engine(text);
    if (!packet) {
        fail(packet.error().text);
        co_return;
    }
    switch (packet->type) {
        case EngineType::open: on_handshake(packet->data); break;
        case EngineType::ping: on_server_ping(); break;
        case EngineType::close: fail("the server closed the connection"); break;
        case EngineType::message: co_await on_packet(std::move(text)); break;
        default: break; // pong, upgrade and noop need nothing
    }
}

void Session::on_handshake(std::string_view data) {
    const auto handshake = decode_handshake(data);
    if (!handshake) return fail(handshake.error().text);
    handshake_ = *handshake;
    if (phase_ == Phase::handshake) phase_ = Phase::joining;
    send(encode_connect(options_.name_space));
}

void Session::on_binary(std::string &&bytes) {
    if (!binary_event_) return fail("the server sent a binary message that belongs to no event");
    binary_event_->attachment_bytes += bytes.size();
    if (binary_event_->attachment_bytes > kMaxEventBytes)
        return fail(fmt::format("the server sent an event with more binary data than the limit of {} MB",
                                kMaxEventBytes >> 20));
    binary_event_->attachments.push_back(std::move(bytes));
}

awaitable<void> Session::on_packet(std::string text) {
    const auto packet = decode_packet(std::string_view(text).substr(1));
    if (!packet || binary_event_) {
        fail(packet ? "the server sent a text message where the rest of a binary event was due" : packet.error().text);
        co_return;
    }
    if (packet->name_space != options_.name_space) {
        log_.debug("ignored a packet for namespace {}", packet->name_space.substr(0, 100));
        co_return;
    }
    switch (packet->type) {
        case PacketType::connect: on_accepted(); break;
        case PacketType::connect_error:
            end(End::refused,
                fmt::format("Hub refused the plugin: {}", quote_foreign(refusal_text(packet->data), options_.secrets)));
            break;
        case PacketType::disconnect: on_disconnect(); break;
        case PacketType::event:
            if (accepted()) {
                BinaryEvent event{text.substr(1), 0, {}};
                co_await deliver(std::move(event));
            }
            break;
        case PacketType::binary_event: binary_event_ = BinaryEvent{text.substr(1), packet->attachments, {}}; break;
        case PacketType::ack:
            if (accepted() && packet->id && callbacks_.acknowledged) callbacks_.acknowledged(*packet->id, packet->data);
            break;
        case PacketType::binary_ack: fail("the server acknowledged an event that asked for no acknowledgement"); break;
    }
}

void Session::on_accepted() {
    if (phase_ == Phase::handshake) return fail("the server accepted the plugin before its own handshake");
    if (phase_ != Phase::joining) return;
    phase_ = Phase::live;
    ending_.was_live = true;
    live_since_ = Clock::now();
    extend_deadline(ping_limit());
    deadline_moved_.wake_all(); // the new deadline may be nearer than the one that is waited for
    callbacks_.live();
}

void Session::on_disconnect() {
    if (accepted() && Clock::now() - live_since_ < options_.limits.too_soon)
        return end(End::unwanted,
                   "Hub ended the plugin's session right after its heartbeat; check the plugin's id and secret");
    fail("Hub ended the plugin's session");
}

awaitable<void> Session::deliver(BinaryEvent whole) {
    const auto packet = decode_packet(whole.text); // it was decoded before, so it is in order
    const auto decode = [&] { return decode_event(*packet, whole.attachments); };
    std::optional<Result<Event>> decoded;
    if (whole.text.size() + whole.attachment_bytes > kLarge)
        decoded.emplace(co_await on_pool(pool_, decode));
    else
        decoded.emplace(decode());
    if (!accepted()) co_return;
    auto &event = *decoded;
    if (event) {
        callbacks_.event(std::move(*event));
    } else if (event.error().code == Code::limit) {
        log_.warning("ignored an event of Hub: {}", event.error().text);
        if (packet->id) ack(*packet->id);
    } else {
        fail(event.error().text);
    }
}

bool Session::emit(std::string_view name, std::string_view argument_json, std::optional<std::uint64_t> ack) {
    if (phase_ != Phase::live) return false;
    send(encode_event(options_.name_space, name, argument_json, ack));
    return true;
}

void Session::ack(std::uint64_t id) {
    if (phase_ == Phase::live) send(encode_ack(options_.name_space, id));
}

// ---- proof of delivery

Mark Session::mark() {
    const Mark mark = proof_.add();
    write_ping();
    return mark;
}

void Session::write_ping() {
    const Mark mark = proof_.ping();
    if (mark == 0) return;
    codec_->ping(std::to_string(mark));
    flush_soon();
}

void Session::on_server_ping() {
    if (const Mark proved = proof_.on_server_ping()) callbacks_.delivered(proved);
    send("3");
    proof_.answered_server_ping();
}

void Session::on_pong(std::string_view payload) {
    if (const Mark proved = proof_.on_pong(payload)) callbacks_.delivered(proved);
    write_ping();
}

} // namespace angod::socketio
