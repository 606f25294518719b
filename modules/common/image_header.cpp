// Each format keeps its size in another place: at a fixed offset (PNG, GIF, BMP, WebP) or behind a chain of parts that
// have to be skipped (JPEG segments, TIFF directories, JPEG 2000 boxes). Files are untrusted: every offset is checked,
// and a chain is followed for kMostParts steps at most.
#include "common/image_header.hpp"

#include <array>
#include <cstring>

namespace ango::common {

namespace {

/// Parts of a file that are looked at: more than any camera or editor writes before the size.
constexpr unsigned kMostParts = 2000;

template <std::size_t N> using Bytes = std::array<unsigned char, N>;

template <std::size_t N> std::optional<Bytes<N>> bytes_at(ByteSource &file, std::uint64_t offset) {
    Bytes<N> bytes{};
    return file.read(offset, bytes.data(), N) ? std::optional(bytes) : std::nullopt;
}

/// Unsigned number of count bytes at *at.
std::uint64_t big(const unsigned char *at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | at[i];
    return value;
}
std::uint64_t little(const unsigned char *at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i > 0; --i) value = value << 8 | at[i - 1];
    return value;
}

bool is(const unsigned char *at, std::string_view text) { return std::memcmp(at, text.data(), text.size()) == 0; }

std::optional<Size> sides(std::uint64_t width, std::uint64_t height) {
    constexpr std::uint64_t kLargest = 0x7FFFFFFF; // px; the formats allow no more
    const Size size{width, height};
    return size.known() && width <= kLargest && height <= kLargest ? std::optional(size) : std::nullopt;
}

std::optional<Size> png(ByteSource &file) {
    const auto head = bytes_at<16>(file, 8); // the first chunk must be IHDR
    if (!head || !is(head->data() + 4, "IHDR") || big(head->data(), 4) != 13) return std::nullopt;
    return sides(big(head->data() + 8, 4), big(head->data() + 12, 4));
}

std::optional<Size> gif(ByteSource &file) {
    const auto screen = bytes_at<4>(file, 6);
    return screen ? sides(little(screen->data(), 2), little(screen->data() + 2, 2)) : std::nullopt;
}

std::optional<Size> bmp(ByteSource &file) {
    const auto header_size = bytes_at<4>(file, 14);
    if (!header_size) return std::nullopt;
    if (little(header_size->data(), 4) == 12) { // OS/2
        const auto size = bytes_at<4>(file, 18);
        return size ? sides(little(size->data(), 2), little(size->data() + 2, 2)) : std::nullopt;
    }
    if (little(header_size->data(), 4) < 16) return std::nullopt;
    const auto size = bytes_at<8>(file, 18);
    if (!size) return std::nullopt;
    const std::uint64_t height = little(size->data() + 4, 4);
    // With a negative height the rows go from top to bottom.
    return sides(little(size->data(), 4), height > 0x7FFFFFFF ? 0x100000000u - height : height);
}

std::optional<Size> webp(ByteSource &file) {
    const auto chunk = bytes_at<18>(file, 12);
    if (!chunk) return std::nullopt;
    const unsigned char *body = chunk->data() + 8;
    if (is(chunk->data(), "VP8X")) return sides(little(body + 4, 3) + 1, little(body + 7, 3) + 1);
    if (is(chunk->data(), "VP8L")) {
        if (body[0] != 0x2F) return std::nullopt;
        const std::uint64_t bits = little(body + 1, 4);
        return sides((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    }
    if (!is(chunk->data(), "VP8 ") || !is(body + 3, "\x9D\x01\x2A")) return std::nullopt;
    return sides(little(body + 6, 2) & 0x3FFF, little(body + 8, 2) & 0x3FFF);
}

bool is_start_of_frame(unsigned char marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

std::optional<Size> jpeg(ByteSource &file) {
    std::uint64_t at = 2;
    for (unsigned part = 0; part < kMostParts; ++part) {
        const auto head = bytes_at<4>(file, at);
        if (!head || (*head)[0] != 0xFF) return std::nullopt;
        const unsigned char marker = (*head)[1];
        if (marker == 0xFF) { // a fill byte
            ++at;
            continue;
        }
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) { // markers without a body
            at += 2;
            continue;
        }
        if (marker == 0xD8 || marker == 0xD9 || marker == 0xDA || marker < 0xC0) return std::nullopt;
        const std::uint64_t length = big(head->data() + 2, 2);
        if (length < 2) return std::nullopt;
        if (is_start_of_frame(marker)) {
            const auto frame = bytes_at<5>(file, at + 4);
            // A height of 0 is given later, in a DNL segment behind the pixels, which is not read.
            return frame && length >= 7 ? sides(big(frame->data() + 3, 2), big(frame->data() + 1, 2)) : std::nullopt;
        }
        at += 2 + length;
    }
    return std::nullopt;
}

/// The first directory of a TIFF, classic or BigTIFF.
std::optional<Size> tiff(ByteSource &file, bool is_big_endian) {
    const auto number = [is_big_endian](const unsigned char *at, std::size_t count) {
        return is_big_endian ? big(at, count) : little(at, count);
    };
    const auto head = bytes_at<16>(file, 0);
    if (!head) return std::nullopt;
    const bool is_big = number(head->data() + 2, 2) == 43;
    if (is_big && number(head->data() + 4, 2) != 8) return std::nullopt;
    const std::size_t count_bytes = is_big ? 8 : 2, entry_bytes = is_big ? 20 : 12;
    const std::uint64_t directory = is_big ? number(head->data() + 8, 8) : number(head->data() + 4, 4);
    Bytes<20> bytes{};
    if (directory > UINT64_MAX / 2 || !file.read(directory, bytes.data(), count_bytes)) return std::nullopt;
    const std::uint64_t count = number(bytes.data(), count_bytes);
    std::uint64_t width = 0, height = 0;
    for (std::uint64_t i = 0; i < count && i < kMostParts && !(width && height); ++i) {
        if (!file.read(directory + count_bytes + i * entry_bytes, bytes.data(), entry_bytes)) return std::nullopt;
        const std::uint64_t tag = number(bytes.data(), 2), type = number(bytes.data() + 2, 2);
        if (tag != 256 && tag != 257) continue;
        const std::size_t value_bytes = type == 3 ? 2 : type == 4 ? 4 : type == 16 && is_big ? 8 : 0;
        if (value_bytes == 0) return std::nullopt;
        (tag == 256 ? width : height) = number(bytes.data() + (is_big ? 12 : 8), value_bytes);
    }
    return sides(width, height);
}

/// The ihdr box inside the jp2h box.
std::optional<Size> jpeg_2000(ByteSource &file) {
    std::uint64_t at = 12;
    for (unsigned part = 0; part < kMostParts; ++part) {
        const auto head = bytes_at<16>(file, at);
        if (!head) return std::nullopt;
        const std::uint64_t short_length = big(head->data(), 4);
        const std::uint64_t length = short_length == 1 ? big(head->data() + 8, 8) : short_length;
        const std::uint64_t head_length = short_length == 1 ? 16 : 8;
        if (is(head->data() + 4, "jp2h")) {
            at += head_length;
        } else if (is(head->data() + 4, "ihdr")) {
            const auto size = bytes_at<8>(file, at + head_length);
            return size ? sides(big(size->data() + 4, 4), big(size->data(), 4)) : std::nullopt;
        } else {
            if (length < head_length || length > UINT64_MAX / 2 - at) return std::nullopt; // 0: to the end of the file
            at += length;
        }
    }
    return std::nullopt;
}

/// A bare JPEG 2000 code stream: its SIZ segment comes first.
std::optional<Size> code_stream(ByteSource &file) {
    const auto siz = bytes_at<16>(file, 8);
    if (!siz) return std::nullopt;
    const std::uint64_t right = big(siz->data(), 4), bottom = big(siz->data() + 4, 4);
    const std::uint64_t left = big(siz->data() + 8, 4), top = big(siz->data() + 12, 4);
    return left < right && top < bottom ? sides(right - left, bottom - top) : std::nullopt;
}

} // namespace

bool MemorySource::read(std::uint64_t offset, unsigned char *to, std::size_t size) {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return false;
    if (size > 0) std::memcpy(to, bytes_.data() + offset, size);
    return true;
}

std::optional<Size> size_in_header(ByteSource &file) {
    using namespace std::string_view_literals;
    const auto magic = bytes_at<12>(file, 0);
    if (!magic) return std::nullopt;
    const unsigned char *at = magic->data();
    if (is(at, "\x89PNG\r\n\x1A\n"sv)) return png(file);
    if (is(at, "\xFF\xD8\xFF"sv)) return jpeg(file);
    if (is(at, "GIF87a"sv) || is(at, "GIF89a"sv)) return gif(file);
    if (is(at, "RIFF"sv) && is(at + 8, "WEBP"sv)) return webp(file);
    if (is(at, "II\x2A\0"sv) || is(at, "II\x2B\0"sv)) return tiff(file, false);
    if (is(at, "MM\0\x2A"sv) || is(at, "MM\0\x2B"sv)) return tiff(file, true);
    if (is(at, "\0\0\0\x0CjP  \r\n\x87\n"sv)) return jpeg_2000(file);
    if (is(at, "\xFF\x4F\xFF\x51"sv)) return code_stream(file);
    if (is(at, "BM"sv)) return bmp(file);
    return std::nullopt;
}

} // namespace ango::common
