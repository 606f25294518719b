// Engine.IO and Socket.IO packets. The first byte is the number of attachments.
#include "socketio/packet.hpp"

#include "base/json.hpp"

#include <cstdint>
#include <cstdlib>

using namespace angod;
using namespace angod::socketio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::vector<std::string> attachments(data[0] % 4, "attachment");
    const std::string_view text(reinterpret_cast<const char *>(data) + 1, size - 1);
    if (const auto engine = decode_engine(text); engine && engine->type == EngineType::open)
        (void)decode_handshake(engine->data);
    const auto packet = decode_packet(text);
    if (!packet) return 0;
    (void)refusal_text(packet->data);
    const auto event = decode_event(*packet, attachments);
    if (!event) return 0;
    // The decoded event must be one JSON text, and so must the encoded one.
    if (!json::check(event->payload)) std::abort();
    if (!json::elements(std::string_view(encode_event("/plugin", event->name, event->payload)).substr(10), 66))
        std::abort();
    return 0;
}
