#include "unpack/content_decoder.hpp"

#include "base/letter_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace angod {

namespace {

constexpr std::size_t kMostLayers = 2; // more only multiply what a few bytes unpack to
/// Between two layers. The receiver bounds the bytes of the last one.
constexpr std::uint64_t kMostBetween = std::uint64_t{4} << 30;
constexpr std::size_t kLongestShown = 20;

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t");
    return from == text.npos ? std::string_view() : text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

/// Fit for a log line.
std::string shown(std::string_view name) {
    std::string out(name.substr(0, kLongestShown));
    for (char &c : out)
        if (c <= ' ' || c >= 0x7f || c == '"') c = '?';
    return out;
}

} // namespace

Result<ContentDecoder> ContentDecoder::of(std::string_view header) {
    ContentDecoder out;
    while (!header.empty()) {
        const std::size_t comma = std::min(header.find(','), header.size());
        const std::string name = ascii_lower(trimmed(header.substr(0, comma)));
        header.remove_prefix(std::min(comma + 1, header.size()));
        // Stores keep "aws-chunked" of an upload; it says nothing about the stored bytes.
        if (name.empty() || name == "identity" || name == "none" || name == "aws-chunked") continue;
        const bool gzip = name == "gzip" || name == "x-gzip";
        if (!gzip && name != "deflate")
            return error(Code::protocol,
                         fmt::format("with the Content-Encoding \"{}\", which is not supported (gzip and "
                                     "deflate are)",
                                     shown(name)));
        if (out.layers_.size() == kMostLayers)
            return error(Code::protocol, fmt::format("with more than {} encodings in Content-Encoding", kMostLayers));
        out.layers_.insert(out.layers_.begin(), Inflater(gzip ? Inflater::Format::gzip : Inflater::Format::deflate));
    }
    return out;
}

Result<bool> ContentDecoder::write_from(std::size_t layer, std::string_view bytes, const Inflater::Take &take) {
    if (layer == layers_.size()) return bytes.empty() || take(bytes);
    if (layer > 0 && (between_ += bytes.size()) > kMostBetween)
        return error(Code::limit, fmt::format("unpacks to more than {} GB", kMostBetween >> 30));
    std::optional<Error> failed;
    const auto more = layers_[layer].write(bytes, [&](std::string_view unpacked) {
        const auto taken = write_from(layer + 1, unpacked, take);
        if (!taken) failed = taken.error();
        return taken && *taken;
    });
    if (failed) return *failed;
    return more;
}

Result<bool> ContentDecoder::finish(const Inflater::Take &take) {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        std::optional<Error> failed;
        const auto ended = layers_[layer].finish([&](std::string_view unpacked) {
            const auto taken = write_from(layer + 1, unpacked, take);
            if (!taken) failed = taken.error();
            return taken && *taken;
        });
        if (failed) return *failed;
        if (!ended || !*ended) return ended;
    }
    return true;
}

} // namespace angod
