// Engine.IO and Socket.IO packets. The first byte is the number and the size of the attachments. Any number of placeholders
// may name one attachment; the decoded event is never longer than an event may be.
#include "socketio/packet.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace angod;
using namespace angod::socketio;

namespace {

/// As many attachments as the lowest two bits say. The third bit makes them so large that the limit is reached by a few
/// dozen placeholders.
const std::vector<std::string> &attachments_of(std::uint8_t choice) {
    static const auto kept = [] {
        std::vector<std::vector<std::string>> made;
        for (const std::size_t size : {std::size_t{10}, std::size_t{1} << 20})
            for (std::size_t count = 0; count < 4; ++count) made.emplace_back(count, std::string(size, 'a'));
        return made;
    }();
    return kept[choice % 8];
}

/// The shortest placeholder is {"_placeholder":true,"num":0}. A number grows most from 1e20 to 100000000000000000000.0.
std::size_t longest_payload(std::string_view text, const std::vector<std::string> &attachments) {
    const std::size_t base64 = attachments.empty() ? 0 : (attachments[0].size() + 2) / 3 * 4 + 2;
    const std::size_t attached = std::min(kMaxEventBytes, text.size() / 29 * base64);
    return attached + 6 * text.size();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::vector<std::string> &attachments = attachments_of(data[0]);
    const std::string_view text(reinterpret_cast<const char *>(data) + 1, size - 1);
    if (const auto engine = decode_engine(text); engine && engine->type == EngineType::open)
        (void)decode_handshake(engine->data);
    const auto packet = decode_packet(text);
    if (!packet) return 0;
    (void)refusal_text(packet->data);
    const auto event = decode_event(*packet, attachments);
    if (!event) return 0;
    if (event->payload.size() > longest_payload(text, attachments)) std::abort();
    // The decoded event must be one JSON text, and so must the encoded one.
    if (!json::check(event->payload)) std::abort();
    if (!json::elements(std::string_view(encode_event("/plugin", event->name, event->payload)).substr(10), 66))
        std::abort();
    return 0;
}
