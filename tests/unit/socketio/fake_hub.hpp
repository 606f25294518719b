// A Hub for unit tests: one connection at a time on a real loopback listener. It does what the test tells it, frame by frame.
#pragma once

#include "base/async.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <string>

namespace angod {

class FakeHub {
public:
    explicit FakeHub(asio::io_context &context)
        : acceptor_(context, {asio::ip::make_address("127.0.0.1"), 0}), socket_(context) {}

    std::string url() const { return fmt::format("ws://127.0.0.1:{}", acceptor_.local_endpoint().port()); }

    /// Takes the next connection and opens its WebSocket.
    awaitable<void> accept() {
        co_await accept_tcp();
        std::string head;
        co_await asio::async_read_until(socket_, asio::dynamic_buffer(head), "\r\n\r\n", asio::use_awaitable);
        const std::size_t at = head.find("Sec-WebSocket-Key: ") + 19;
        const std::string key = head.substr(at, head.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        std::array<unsigned char, 20> digest{};
        EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
        std::array<unsigned char, 40> text{};
        const int n = EVP_EncodeBlock(text.data(), digest.data(), digest.size());
        co_await write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: " +
                       std::string(text.begin(), text.begin() + n) + "\r\n\r\n");
    }
    /// Takes the next connection and answers its handshake with these bytes.
    awaitable<void> answer(std::string bytes) {
        co_await accept_tcp();
        std::string head;
        co_await asio::async_read_until(socket_, asio::dynamic_buffer(head), "\r\n\r\n", asio::use_awaitable);
        co_await write(std::move(bytes));
    }
    awaitable<void> accept_tcp() {
        close();
        socket_ = co_await acceptor_.async_accept(asio::use_awaitable);
    }
    /// Engine.IO's hello; returns when the client asks for its namespace.
    awaitable<void> greet(int ping_interval_ms = 25000, int ping_timeout_ms = 20000, int max_payload = 1000000) {
        co_await say(fmt::format(R"(0{{"sid":"s","pingInterval":{},"pingTimeout":{},"maxPayload":{}}})",
                                 ping_interval_ms, ping_timeout_ms, max_payload));
        co_await frame();
    }
    awaitable<void> make_live(int ping_interval_ms = 25000, int ping_timeout_ms = 20000, int max_payload = 1000000) {
        co_await accept();
        co_await greet(ping_interval_ms, ping_timeout_ms, max_payload);
        co_await say(R"(40/plugin,{"sid":"t"})");
    }

    awaitable<void> say(std::string text) { co_await send(1, std::move(text)); }
    awaitable<void> send(unsigned opcode, std::string payload) {
        std::string bytes{static_cast<char>(0x80 | opcode)};
        if (payload.size() < 126) {
            bytes += static_cast<char>(payload.size());
        } else {
            bytes += static_cast<char>(126);
            bytes += static_cast<char>(payload.size() >> 8);
            bytes += static_cast<char>(payload.size() & 0xff);
        }
        co_await write(bytes + payload);
    }

    struct Frame {
        unsigned opcode = 0;
        std::string payload;
    };
    /// The next frame of the client.
    awaitable<Frame> frame() {
        const std::string head = co_await read(2);
        std::size_t size = static_cast<unsigned char>(head[1]) & 0x7f;
        if (size >= 126) {
            const std::string longer = co_await read(size == 126 ? 2 : 8);
            size = 0;
            for (const char c : longer) size = size << 8 | static_cast<unsigned char>(c);
        }
        const std::string mask = co_await read(4);
        Frame frame;
        frame.opcode = static_cast<unsigned char>(head[0]) & 0x0f;
        frame.payload = co_await read(size);
        for (std::size_t i = 0; i < size; ++i) frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
        co_return frame;
    }
    /// The payload of the next frame of a kind.
    awaitable<std::string> next(unsigned opcode) {
        for (;;) {
            Frame got = co_await frame();
            if (got.opcode == opcode) co_return std::move(got.payload);
        }
    }
    awaitable<std::string> text() { co_return co_await next(1); }
    awaitable<std::string> ping() { co_return co_await next(9); }
    awaitable<void> pong(std::string payload) { co_await send(10, std::move(payload)); }

    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    void stop_listening() { acceptor_.close(); }

private:
    awaitable<std::string> read(std::size_t size) {
        std::string bytes(size, '\0');
        co_await asio::async_read(socket_, asio::buffer(bytes), asio::use_awaitable);
        co_return bytes;
    }
    awaitable<void> write(std::string bytes) {
        co_await asio::async_write(socket_, asio::buffer(bytes), asio::use_awaitable);
    }
    asio::ip::tcp::acceptor acceptor_;
    asio::ip::tcp::socket socket_;
};

} // namespace angod
