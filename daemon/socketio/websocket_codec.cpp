// This file is compiled as C++17 and without Boost. GCC 12 rejects websocketpp as C++20 (template arguments on constructor
// names), and objects of both standards must not share inline code of Asio.
#include "socketio/websocket_codec.hpp"

#include <websocketpp/client.hpp>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core_client.hpp>
#include <websocketpp/logger/stub.hpp>

#include <utility>

namespace angod::socketio {

namespace {

struct Config : websocketpp::config::core_client {
    using type = Config;
    using base = websocketpp::config::core_client;
    using concurrency_type = websocketpp::concurrency::none;
    using alog_type = websocketpp::log::stub;
    using elog_type = websocketpp::log::stub;
    using rng_type = websocketpp::random::random_device::int_generator<uint32_t, concurrency_type>;
    struct transport_config : base::transport_config {
        using concurrency_type = Config::concurrency_type;
        using alog_type = Config::alog_type;
        using elog_type = Config::elog_type;
    };
    using transport_type = websocketpp::transport::iostream::endpoint<transport_config>;
    static const size_t max_message_size = WebSocketCodec::kMaxMessage;
    static const size_t connection_read_buffer_size = 4096;
    static const bool silent_close = true;
    static const bool drop_on_protocol_error = true; // a close without a code would hide the error
};

using Client = websocketpp::client<Config>;

/// The reason for an end that has neither a close frame nor an HTTP status.
std::string fault_text(const websocketpp::lib::error_code &fault) {
    namespace transport = websocketpp::transport::error;
    if (fault == transport::make_error_code(transport::eof)) return "the server ended the connection";
    if (fault == websocketpp::error::make_error_code(websocketpp::error::general))
        return "the server's answer cannot be read as HTTP; does the Hub URL lead to Hub?";
    // The library's words for an answer with status 101 that is wrong otherwise name none of its headers.
    if (fault.category() == websocketpp::processor::error::get_processor_category())
        return "one of the headers Upgrade, Connection and Sec-WebSocket-Accept of the server's answer is wrong or "
               "missing; "
               "check whether hub.url is the address of Hub, and whether a proxy on the way changes headers";
    return fault.message();
}

} // namespace

struct WebSocketCodec::Impl {
    std::string uri;
    Handlers handlers;
    Client client;
    Client::connection_ptr connection;
    bool closed = false;

    void report(const std::string &why) {
        if (std::exchange(closed, true)) return;
        handlers.closed(why);
    }
};

WebSocketCodec::WebSocketCodec(const std::string &uri, const std::string &user_agent, Handlers handlers)
    : impl_(std::make_unique<Impl>()) {
    Impl *impl = impl_.get();
    impl->uri = uri;
    impl->handlers = std::move(handlers);
    Client &client = impl->client;
    client.set_user_agent(user_agent);
    client.set_secure(uri.compare(0, 4, "wss:") == 0); // the codec only builds the request; net_stream encrypts
    // The session watches the deadlines. This transport has no timers.
    client.set_open_handshake_timeout(0);
    client.set_close_handshake_timeout(0);
    client.set_pong_timeout(0);
    client.set_write_handler([impl](websocketpp::connection_hdl, char const *bytes, size_t size) {
        impl->handlers.output({bytes, size});
        return websocketpp::lib::error_code();
    });
    client.set_open_handler([impl](websocketpp::connection_hdl) { impl->handlers.open(); });
    client.set_message_handler([impl](websocketpp::connection_hdl, Client::message_ptr message) {
        const bool text = message->get_opcode() == websocketpp::frame::opcode::text;
        (text ? impl->handlers.text : impl->handlers.binary)(std::move(message->get_raw_payload()));
    });
    client.set_pong_handler([impl](websocketpp::connection_hdl, std::string payload) { impl->handlers.pong(payload); });
    client.set_fail_handler([impl](websocketpp::connection_hdl) {
        impl->report("the WebSocket handshake failed: " + fault_text(impl->connection->get_ec()));
    });
    client.set_close_handler([impl](websocketpp::connection_hdl) {
        const auto code = impl->connection->get_remote_close_code();
        const auto fault = impl->connection->get_ec();
        const std::string reason = impl->connection->get_remote_close_reason();
        if (fault == websocketpp::processor::error::make_error_code(websocketpp::processor::error::message_too_big))
            impl->report("the server sent a message longer than the limit of " + std::to_string(kMaxMessage >> 20) +
                         " MB");
        else if (fault && fault.category() != websocketpp::transport::error::get_category())
            impl->report("the server broke the WebSocket protocol: " + fault.message());
        else if (code == websocketpp::close::status::abnormal_close)
            impl->report(fault_text(fault));
        else
            impl->report("the server closed the connection (code " + std::to_string(code) +
                         (reason.empty() ? ")" : ": " + reason + ")"));
    });
}

WebSocketCodec::~WebSocketCodec() {
    impl_->closed = true; // the owner of the handlers may be gone
    impl_->handlers.output = [](std::string_view) {};
    if (impl_->connection) impl_->connection->eof();
}

bool WebSocketCodec::start() {
    websocketpp::lib::error_code failed;
    impl_->connection = impl_->client.get_connection(impl_->uri, failed);
    if (failed) return false;
    impl_->client.connect(impl_->connection);
    return true;
}

void WebSocketCodec::feed(const char *bytes, std::size_t size) { impl_->connection->read_all(bytes, size); }

void WebSocketCodec::end() { impl_->connection->eof(); }

bool WebSocketCodec::send_text(std::string_view message) {
    return !impl_->connection->send(message.data(), message.size(), websocketpp::frame::opcode::text);
}

bool WebSocketCodec::ping(const std::string &payload) {
    websocketpp::lib::error_code failed;
    impl_->connection->ping(payload, failed);
    return !failed;
}

void WebSocketCodec::close(std::uint16_t code, const std::string &reason) {
    websocketpp::lib::error_code ignored; // a second close is harmless
    impl_->connection->close(code, reason, ignored);
}

} // namespace angod::socketio
