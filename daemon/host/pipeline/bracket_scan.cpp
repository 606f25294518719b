// Each step turns 64 bytes into bit masks, one bit for each byte. A byte is inside a string if the number of unescaped
// quotes before it is odd; prefix_xor computes that for all 64 bytes at once. If the brackets of a piece can neither
// close the value nor exceed the depth, their counts are enough; otherwise they are visited one by one.
#include "host/pipeline/bracket_scan.hpp"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace angod::host {

namespace {

/// One bit for each of 64 bytes.
struct Masks {
    std::uint64_t quotes = 0, backslashes = 0, opens = 0, closes = 0;
};

// '[' is 0x5b and '{' 0x7b, ']' 0x5d and '}' 0x7d: they differ in bit 5 only.
constexpr char kBit5 = 0x20;

#if defined(__SSE2__)

Masks masks_of(const char *bytes) {
    Masks m;
    for (int i = 0; i < 4; ++i) {
        const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes) + i);
        const __m128i lifted = _mm_or_si128(x, _mm_set1_epi8(kBit5));
        const auto bits = [&](__m128i in, char c) {
            const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(in, _mm_set1_epi8(c)));
            return static_cast<std::uint64_t>(static_cast<std::uint32_t>(found)) << (16 * i);
        };
        m.quotes |= bits(x, '"');
        m.backslashes |= bits(x, '\\');
        m.opens |= bits(lifted, '{');
        m.closes |= bits(lifted, '}');
    }
    return m;
}

#else

constexpr std::uint64_t every(char c) { return 0x0101010101010101u * static_cast<unsigned char>(c); }

/// Bit i: byte i of the word is zero.
std::uint64_t zero_bytes(std::uint64_t x) {
    constexpr std::uint64_t low7 = 0x7f7f7f7f7f7f7f7fu;
    const std::uint64_t high = ~(((x & low7) + low7) | x | low7); // 0x80 in each zero byte, exactly
    return ((high >> 7) * 0x0102040810204080u) >> 56;
}

Masks masks_of(const char *bytes) {
    static_assert(std::endian::native == std::endian::little);
    Masks m;
    for (int i = 0; i < 8; ++i) {
        std::uint64_t x;
        std::memcpy(&x, bytes + 8 * i, sizeof x);
        const std::uint64_t lifted = x | every(kBit5);
        m.quotes |= zero_bytes(x ^ every('"')) << (8 * i);
        m.backslashes |= zero_bytes(x ^ every('\\')) << (8 * i);
        m.opens |= zero_bytes(lifted ^ every('{')) << (8 * i);
        m.closes |= zero_bytes(lifted ^ every('}')) << (8 * i);
    }
    return m;
}

#endif

/// Bit i of the result: the number of ones in bits 0..i is odd.
std::uint64_t prefix_xor(std::uint64_t x) {
    for (int shift = 1; shift < 64; shift *= 2) x ^= x << shift;
    return x;
}

/// The bytes that are escaped by a backslash before them. In a run of backslashes pairs are formed from the left.
std::uint64_t escaped_bytes(std::uint64_t backslashes, std::uint64_t first_escaped) {
    if (backslashes == 0) return first_escaped;
    std::uint64_t escaped = first_escaped;
    std::uint64_t left = backslashes & ~first_escaped;
    while (left != 0) { // one iteration for each backslash; they are rare
        const int at = std::countr_zero(left);
        if (at == 63) break;
        escaped |= std::uint64_t{2} << at;
        left &= ~(std::uint64_t{3} << at);
    }
    return escaped;
}

int count(std::uint64_t x) { // without -mpopcnt the builtin is a call
    x -= (x >> 1) & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return static_cast<int>((x * 0x0101010101010101u) >> 56);
}

} // namespace

BracketScan::Brackets BracketScan::step(const char *bytes, std::size_t size) {
    const Masks m = masks_of(bytes);
    const std::uint64_t escaped = escaped_bytes(m.backslashes, escaped_);
    // Whether the byte behind this piece is escaped: the first byte of the padding, or the byte after an unpaired
    // backslash.
    if (size < 64)
        escaped_ = escaped >> size & 1;
    else
        escaped_ = (m.backslashes & ~escaped) >> 63;
    const std::uint64_t in_string = prefix_xor(m.quotes & ~escaped) ^ in_string_;
    in_string_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(in_string) >> 63);
    return {m.opens & ~in_string, m.closes & ~in_string};
}

BracketScan::Found BracketScan::run(std::string_view bytes, int max_depth, std::size_t &at) {
    for (std::size_t from = 0; from < bytes.size(); from += 64) {
        const std::size_t size = bytes.size() - from < 64 ? bytes.size() - from : 64;
        char padded[64];
        const char *piece = bytes.data() + from;
        if (size < 64) {
            std::memset(padded, ' ', sizeof padded);
            std::memcpy(padded, piece, size);
            piece = padded;
        }
        const Brackets b = step(piece, size);
        const int opens = count(b.opens), closes = count(b.closes);
        if (depth_ > closes &&
            depth_ + opens <= max_depth) { // the value can neither end nor get too deep in this piece
            depth_ += opens - closes;
            continue;
        }
        for (std::uint64_t left = b.opens | b.closes; left != 0; left &= left - 1) {
            const int bit = std::countr_zero(left);
            if (b.opens >> bit & 1) {
                if (++depth_ > max_depth) {
                    at = from + static_cast<std::size_t>(bit);
                    return Found::too_deep;
                }
            } else if (--depth_ <= 0) {
                at = from + static_cast<std::size_t>(bit) + 1;
                return Found::closed;
            }
        }
    }
    at = bytes.size();
    return Found::more;
}

std::size_t find_too_deep(std::string_view text, int max_depth) {
    BracketScan scan;
    for (std::size_t from = 0; from < text.size(); from += 64) {
        const std::size_t size = text.size() - from < 64 ? text.size() - from : 64;
        char padded[64];
        const char *piece = text.data() + from;
        if (size < 64) {
            std::memset(padded, ' ', sizeof padded);
            std::memcpy(padded, piece, size);
            piece = padded;
        }
        const BracketScan::Brackets b = scan.step(piece, size);
        const int opens = count(b.opens);
        if (scan.depth_ + opens <= max_depth) {
            scan.depth_ += opens - count(b.closes);
            if (scan.depth_ < 0) scan.depth_ = 0;
            continue;
        }
        for (std::uint64_t left = b.opens | b.closes; left != 0; left &= left - 1) {
            const int bit = std::countr_zero(left);
            if (!(b.opens >> bit & 1)) {
                if (scan.depth_ > 0) --scan.depth_;
            } else if (++scan.depth_ > max_depth) {
                return from + static_cast<std::size_t>(bit);
            }
        }
    }
    return std::string_view::npos;
}

} // namespace angod::host
