// The WebSocket codec without a socket: the test feeds the server's bytes and reads the client's.
//
// Peer opens the connection as a server would. Frames are written by hand, so that broken ones can be tested, too.
#include "socketio/websocket_codec.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <cstdint>
#include <vector>

using namespace angod::socketio;

namespace {

struct Peer {
    std::string out, closed;
    bool open = false;
    int ends = 0;
    std::vector<std::string> texts, binaries, pongs;
    WebSocketCodec codec{"ws://h.test:1/socket.io/?EIO=4&transport=websocket",
                         "angod/test",
                         {[this](std::string_view bytes) { out.append(bytes); }, [this] { open = true; },
                          [this](std::string &&text) { texts.push_back(std::move(text)); },
                          [this](std::string &&bytes) { binaries.push_back(std::move(bytes)); },
                          [this](std::string_view payload) { pongs.emplace_back(payload); },
                          [this](const std::string &why) {
                              closed = why;
                              ++ends;
                          }}};

    void feed(std::string_view bytes) { codec.feed(bytes.data(), bytes.size()); }
    void accept() {
        REQUIRE(codec.start());
        accept_handshake();
    }
    void accept_handshake() {
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

TEST_CASE("an answer that does not open the WebSocket ends the codec") {
    Peer peer;
    REQUIRE(peer.codec.start());
    peer.feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n");
    CHECK(peer.closed.starts_with("the WebSocket handshake failed: one of the headers Upgrade, Connection and "
                                  "Sec-WebSocket-Accept of the server's answer is wrong or missing; check "));
}

TEST_CASE("bytes that break the protocol close the connection with a reason") {
    Peer peer;
    peer.accept();
    peer.feed(std::string_view("\xc1\x01x", 3)); // RSV1 without an extension
    CHECK(peer.closed == "the server broke the WebSocket protocol: Invalid use of reserved bits");
}

TEST_CASE("a message of 64 MB is taken, whole or in pieces; one byte more ends the connection with the limit") {
    constexpr std::uint64_t kMost = WebSocketCodec::kMaxMessage;
    const auto frame = [](char first, std::uint64_t size) {
        std::string bytes{first, '\x7f'};
        for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
        return bytes;
    };
    const std::string piece(1 << 20, 'p');
    Peer peer;
    peer.accept();
    peer.feed(frame('\x82', kMost));
    for (std::size_t fed = 0; fed < kMost; fed += piece.size()) peer.feed(piece);
    REQUIRE(peer.binaries.size() == 1);
    CHECK(peer.binaries[0].size() == kMost);
    peer.binaries.clear();
    peer.feed(frame('\x02', kMost / 2));
    for (std::size_t fed = 0; fed < kMost / 2; fed += piece.size()) peer.feed(piece);
    SUBCASE("in two") {
        peer.feed(frame('\x80', kMost / 2));
        for (std::size_t fed = 0; fed < kMost / 2; fed += piece.size()) peer.feed(piece);
        REQUIRE(peer.binaries.size() == 1);
        CHECK(peer.binaries[0].size() == kMost);
        peer.feed(frame('\x82', kMost + 1));
    }
    SUBCASE("a byte more in the second") { peer.feed(frame('\x80', kMost / 2 + 1)); }
    CHECK(peer.closed == "the server sent a message longer than the limit of 64 MB");
    CHECK(peer.ends == 1);
}

TEST_CASE("nothing can be sent before the handshake is answered") {
    Peer peer;
    REQUIRE(peer.codec.start());
    const std::string asked = peer.out;
    CHECK(!peer.codec.send_text("x"));
    CHECK(!peer.codec.ping("1"));
    CHECK(peer.out == asked);
    peer.accept_handshake();
    CHECK(peer.codec.send_text("x")); // no harm done
    CHECK(peer.closed.empty());
}

TEST_CASE("a close before the handshake is answered sends nothing, and the end is told once") {
    Peer peer;
    REQUIRE(peer.codec.start());
    const std::string asked = peer.out;
    peer.codec.close(1000, "");
    peer.codec.end();
    peer.codec.close(1000, "");
    CHECK(!peer.codec.send_text("x"));
    CHECK(!peer.codec.ping("1"));
    CHECK(peer.out == asked);
    CHECK(peer.ends == 1);
}

TEST_CASE("after the server's close frame nothing is sent but the answer to it, and the end is told once") {
    Peer peer;
    peer.accept();
    peer.feed(std::string_view("\x88\x02\x03\xe8", 4));
    CHECK(static_cast<unsigned char>(peer.out[0]) == 0x88);
    const std::string answer = peer.out;
    CHECK(!peer.codec.send_text("x"));
    CHECK(!peer.codec.ping("1"));
    peer.codec.close(1000, "");
    peer.codec.close(1000, "again");
    peer.feed(std::string_view("\x89\x01x\x81\x02hi", 7)); // a ping and a message behind the close
    peer.codec.end();
    peer.codec.end();
    CHECK(peer.out == answer);
    CHECK(peer.texts.empty());
    CHECK(peer.ends == 1); // with the socket: it is the server that closes it
    CHECK(peer.closed == "the server closed the connection (code 1000)");
}

TEST_CASE("after our own close nothing more is sent, and a ping of the server in between does no harm") {
    Peer peer;
    peer.accept();
    peer.codec.close(1000, "");
    const std::string farewell = peer.out;
    CHECK(static_cast<unsigned char>(farewell[0]) == 0x88);
    CHECK(!peer.codec.send_text("x"));
    CHECK(!peer.codec.ping("1"));
    peer.feed(std::string_view("\x89\x01x", 3));
    peer.feed(std::string_view("\x88\x02\x03\xe8", 4));
    peer.codec.end();
    CHECK(peer.ends == 1);
}

TEST_CASE("after the end of the socket nothing is sent, and it is told once") {
    Peer peer;
    peer.accept();
    peer.codec.end();
    CHECK(peer.closed == "the server ended the connection");
    CHECK(!peer.codec.send_text("x"));
    CHECK(!peer.codec.ping("1"));
    peer.codec.close(1000, "");
    peer.feed(std::string_view("\x89\x01x", 3));
    peer.codec.end();
    CHECK(peer.out.empty());
    CHECK(peer.ends == 1);
}
