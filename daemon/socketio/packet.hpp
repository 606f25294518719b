// Engine.IO 4 and Socket.IO 5 packets: text in, values out, and back. Pure: no state, no I/O.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::socketio {

// ---- Engine.IO: the first character of a text message

enum class EngineType : char {
    open = '0',
    close = '1',
    ping = '2',
    pong = '3',
    message = '4',
    upgrade = '5',
    noop = '6'
};

struct EnginePacket {
    EngineType type;
    std::string_view data;
};
Result<EnginePacket> decode_engine(std::string_view text);

/// The first message of the server.
struct Handshake {
    std::uint32_t ping_interval_ms = 0, ping_timeout_ms = 0;
    std::uint64_t max_payload = 0; ///< longest message it accepts, in bytes; 0: it does not say
};
Result<Handshake> decode_handshake(std::string_view json);

// ---- Socket.IO: what an Engine.IO message holds

enum class PacketType { connect, disconnect, event, ack, connect_error, binary_event, binary_ack };

struct Packet {
    PacketType type;
    std::uint32_t attachments = 0; ///< binary messages that follow
    std::string_view name_space;   ///< "/" if the packet names none
    std::optional<std::uint64_t> id;
    std::string_view data; ///< JSON, not checked yet; may be empty
};
Result<Packet> decode_packet(std::string_view text);

/// An event of the server, with its first argument as the JSON text that came.
struct Event {
    std::string name;
    std::string payload;              ///< "null" if the event has no argument
    std::optional<std::uint64_t> ack; ///< the server wants an acknowledgement under this number
};
/// data of an event packet. Placeholders of binary arguments become base64 texts of attachments. Code::limit if
/// it is nested too deeply; then name and payload are unknown but the packet itself is in order. Code::protocol if the text
/// would be longer than kMaxEventBytes with the attachments in place; nothing has been copied then.
Result<Event> decode_event(const Packet &packet, const std::vector<std::string> &attachments);

/// The message of a refusal, for people.
std::string refusal_text(std::string_view data);

// The messages of the client, as whole WebSocket text messages.
std::string encode_connect(std::string_view name_space);
/// argument: JSON text. id: asks for an acknowledgement under this number.
std::string encode_event(std::string_view name_space, std::string_view name, std::string_view argument,
                         std::optional<std::uint64_t> id = {});
std::string encode_ack(std::string_view name_space, std::uint64_t id);

inline constexpr std::uint32_t kMaxAttachments = 64;
/// Longest event, in bytes of its text, attachments included as base64.
inline constexpr std::size_t kMaxEventBytes = 64u << 20;
/// Longest handshake or refusal that is read, in bytes.
inline constexpr std::size_t kMaxControlBytes = 64 * 1024;
/// Far beyond what anybody works on: a session in such an event can still be answered, with the reason.
inline constexpr int kMaxEventDepth = 1024;

} // namespace angod::socketio
