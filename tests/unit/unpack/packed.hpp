// Packs texts as servers do.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace angod {

inline constexpr int kGzip = 31, kZlib = 15, kRaw = -15; // for the bits of zlib

/// bits: of zlib.
inline std::string packed(std::string_view text, int bits) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

} // namespace angod
