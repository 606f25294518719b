// The WebSocket protocol as a codec: bytes from the socket become messages, and messages become bytes. websocketpp does the
// work, and only websocket_codec.cpp includes it.
//
// Not thread-safe. Handlers are called from inside feed, start and the send functions; they must not destroy
// the codec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace angod::socketio {

class WebSocketCodec {
public:
    struct Handlers {
        std::function<void(std::string_view bytes)> output; ///< write these bytes to the socket
        std::function<void()> open;
        std::function<void(std::string &&message)> text, binary;
        std::function<void(std::string_view payload)> pong;
        std::function<void(const std::string &why)> closed; ///< once, for every reason
    };

    /// uri: ws:// or wss://, only for the handshake's request line and Host header. A longer
    /// message than kMaxMessage closes the connection.
    WebSocketCodec(const std::string &uri, const std::string &user_agent, Handlers handlers);
    ~WebSocketCodec();
    WebSocketCodec(const WebSocketCodec &) = delete;
    WebSocketCodec &operator=(const WebSocketCodec &) = delete;

    /// Longest message of the server, in bytes.
    static constexpr std::size_t kMaxMessage = 64u << 20;

    /// Writes the handshake. False if the URI cannot be used.
    bool start();
    void feed(const char *bytes, std::size_t size);
    /// The socket is at its end.
    void end();
    /// False if the connection is not open.
    bool send_text(std::string_view message);
    bool ping(const std::string &payload);
    void close(std::uint16_t code, const std::string &reason);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace angod::socketio
