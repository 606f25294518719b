// Frames and messages between angod and a host are decoded in pieces. The first byte is the size of the pieces.
#include "host_protocol/messages.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

using namespace angod::host_protocol;

namespace {

/// A message that decodes must encode to the same bytes.
template <class M> void round_trip(const Frame &frame) {
    const auto message = decode<M>(frame);
    if (!message) return;
    if (std::string_view(encode(*message)).substr(kHeaderSize) != frame.payload) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0];
    FrameBuffer buffer;
    for (std::size_t at = 1; at < size; at += piece) {
        std::size_t left = std::min(piece, size - at);
        const std::uint8_t *from = data + at;
        while (left > 0) {
            const auto [where, room] = buffer.prepare();
            const std::size_t n = std::min(room, left);
            std::memcpy(where, from, n);
            buffer.commit(n);
            from += n;
            left -= n;
        }
        for (;;) {
            const auto frame = buffer.next();
            if (!frame) return 0;
            if (!*frame) break;
            round_trip<Setup>(**frame);
            round_trip<RunJob>(**frame);
            round_trip<LogLine>(**frame);
            round_trip<JobFinished>(**frame);
            round_trip<Progress>(**frame);
        }
    }
    return 0;
}
