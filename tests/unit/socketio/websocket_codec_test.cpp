#include "socketio/websocket_codec.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <vector>

using namespace angod::socketio;

namespace {

struct Peer {
    std::string out, closed;
    bool open = false;
    std::vector<std::string> texts, binaries, pongs;
    WebSocketCodec codec{"ws://h.test:1/socket.io/?EIO=4&transport=websocket",
                         "angod/test",
                         {[this](std::string_view bytes) { out.append(bytes); }, [this] { open = true; },
                          [this](std::string &&text) { texts.push_back(std::move(text)); },
                          [this](std::string &&bytes) { binaries.push_back(std::move(bytes)); },
                          [this](std::string_view payload) { pongs.emplace_back(payload); },
                          [this](const std::string &why) { closed = why; }}};

    void feed(std::string_view bytes) { codec.feed(bytes.data(), bytes.size()); }
    void accept() {
        REQUIRE(codec.start());
        const std::size_t at = out.find("Sec-WebSocket-Key: ") + 19;
        const std::string key = out.substr(at, out.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        unsigned char digest[20];
        EVP_Digest(key.data(), key.size(), digest, nullptr, EVP_sha1(), nullptr);
        char text[40];
        const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text), digest, sizeof digest);
        feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
             std::string(text, static_cast<std::size_t>(n)) + "\r\n\r\n");
        REQUIRE(open);
        out.clear();
    }
};

} // namespace

TEST_CASE("the handshake asks for the resource and no extension") {
    Peer peer;
    REQUIRE(peer.codec.start());
    CHECK(peer.out.starts_with("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"));
    CHECK(peer.out.find("Host: h.test:1\r\n") != std::string::npos);
    CHECK(peer.out.find("Sec-WebSocket-Extensions") == std::string::npos);
}

TEST_CASE("messages come out whole, in whatever pieces their bytes arrive") {
    Peer peer;
    peer.accept();
    const std::string bytes("\x81\x02hi\x82\x01\xff\x01\x01"
                            "a\x80\x01"
                            "b",
                            13);
    for (const char c : bytes) peer.feed({&c, 1});
    CHECK(peer.texts == std::vector<std::string>{"hi", "ab"});
    CHECK(peer.binaries == std::vector<std::string>{"\xff"});
    CHECK(peer.closed.empty());
}

TEST_CASE("a ping of the server is answered, a pong of it is told") {
    Peer peer;
    peer.accept();
    peer.feed(std::string_view("\x89\x01x", 3));
    REQUIRE(peer.out.size() > 2);
    CHECK(static_cast<unsigned char>(peer.out[0]) == 0x8a);
    peer.feed(std::string_view("\x8a\x02"
                               "17",
                               4));
    CHECK(peer.pongs == std::vector<std::string>{"17"});
}

TEST_CASE("an answer that is no WebSocket handshake is told with its HTTP status") {
    Peer peer;
    REQUIRE(peer.codec.start());
    peer.feed("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    CHECK(peer.closed.find("HTTP 404") != std::string::npos);
}

TEST_CASE("bytes that break the protocol close the connection with a reason") {
    Peer peer;
    peer.accept();
    peer.feed(std::string_view("\xc1\x01x", 3)); // RSV1 without an extension
    CHECK(peer.closed == "the server broke the WebSocket protocol: Invalid use of reserved bits");
}

TEST_CASE("nothing can be sent before the handshake or after the end") {
    Peer peer;
    REQUIRE(peer.codec.start());
    CHECK(!peer.codec.send_text("x"));
}
