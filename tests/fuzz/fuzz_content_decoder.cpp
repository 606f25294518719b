// Packed bytes of any kind, in pieces of any size. The first line of the input is the value of Content-Encoding.
#include "unpack/content_decoder.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

using namespace angod;

namespace {

constexpr std::size_t kMost = 1 << 20;

void require(bool holds) {
    if (!holds) std::abort();
}

/// The decoded bytes; nothing if they are damaged. How many of them come before the damage depends on the pieces.
std::optional<std::string> decode(std::string_view header, std::string_view bytes, std::size_t block) {
    auto decoder = ContentDecoder::of(header);
    if (!decoder) return std::nullopt;
    std::string out;
    const Inflater::Take take = [&](std::string_view piece) {
        require(!piece.empty());
        out += piece.substr(0, kMost - std::min(out.size(), kMost));
        return out.size() < kMost;
    };
    for (; !bytes.empty(); bytes.remove_prefix(std::min(block, bytes.size()))) {
        const auto more = decoder->write(bytes.substr(0, block), take);
        if (!more) return std::nullopt;
        if (!*more) return out;
    }
    return decoder->finish(take) ? std::optional(out) : std::nullopt;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char *>(data), size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view header = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    require(decode(header, text, text.size() + 1) == decode(header, text, 1));
    return 0;
}
