// Each format keeps its size in another place: at a fixed offset (PNG, GIF, BMP, WebP) or behind a chain of parts that
// have to be skipped (JPEG segments, TIFF directories, JPEG 2000 boxes). Files are untrusted: every offset is checked,
// and a chain is followed for kMostParts steps at most.
#include "common/image_header.hpp"

#include "common/tiff_directory.hpp"

#include <cstdint>
#include <string_view>

namespace ango::common {

namespace {

/// Parts of a file that are looked at: more than any camera or editor writes before the size.
constexpr unsigned kMostParts = 2000;

using namespace std::string_view_literals;

std::optional<Size> sides(std::uint64_t width, std::uint64_t height) {
    constexpr std::uint64_t kLargest = 0x7FFFFFFF; // px; the formats allow no more
    const Size size{width, height};
    return size.known() && width <= kLargest && height <= kLargest ? std::optional(size) : std::nullopt;
}

/// The size as it is shown; turned: EXIF data asks for rows to be shown as columns.
std::optional<Size> shown(std::optional<Size> stored, bool turned) {
    return stored && turned ? std::optional(Size{stored->height, stored->width}) : stored;
}

bool is_turned(ByteSource &file, std::uint64_t offset, std::uint64_t size) {
    const auto exif = read_exif(file, offset, size);
    return exif && exif->turned();
}

std::optional<Size> png(ByteSource &file) {
    const auto head = bytes_at<16>(file, 8); // the first chunk must be IHDR
    if (!head || !is(head->data() + 4, "IHDR") || big(head->data(), 4) != 13) return std::nullopt;
    const std::optional<Size> stored = sides(big(head->data() + 8, 4), big(head->data() + 12, 4));
    std::uint64_t at = 33; // behind IHDR
    for (unsigned part = 0; stored && part < kMostParts; ++part) {
        const auto chunk = bytes_at<8>(file, at);
        if (!chunk || is(chunk->data() + 4, "IDAT") || is(chunk->data() + 4, "IEND")) break;
        const std::uint64_t length = big(chunk->data(), 4);
        if (is(chunk->data() + 4, "eXIf")) return shown(stored, is_turned(file, at + 8, length));
        at += 12 + length;
    }
    return stored;
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

/// Whether a chunk EXIF, which stands behind the pixels, turns a WebP of the extended layout.
bool is_turned_webp(ByteSource &file) {
    std::uint64_t at = 12;
    for (unsigned part = 0; part < kMostParts; ++part) {
        const auto chunk = bytes_at<8>(file, at);
        if (!chunk) return false;
        const std::uint64_t length = little(chunk->data() + 4, 4);
        if (is(chunk->data(), "EXIF")) return is_turned(file, at + 8, length);
        at += 8 + length + length % 2;
    }
    return false;
}

std::optional<Size> webp(ByteSource &file) {
    const auto chunk = bytes_at<18>(file, 12);
    if (!chunk) return std::nullopt;
    const unsigned char *body = chunk->data() + 8;
    if (is(chunk->data(), "VP8X"))
        return shown(sides(little(body + 4, 3) + 1, little(body + 7, 3) + 1), is_turned_webp(file));
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

/// The size is in the frame header, EXIF data in the first APP1 segment that begins with its name. Both stand before the
/// pixels, in any order.
std::optional<Size> jpeg(ByteSource &file) {
    std::optional<Size> stored;
    bool exif_read = false, turned = false;
    std::uint64_t at = 2;
    for (unsigned part = 0; part < kMostParts && !(stored && exif_read); ++part) {
        const auto head = bytes_at<4>(file, at);
        if (!head || (*head)[0] != 0xFF) break;
        const unsigned char marker = (*head)[1];
        if (marker == 0xFF) { // a fill byte
            ++at;
            continue;
        }
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) { // markers without a body
            at += 2;
            continue;
        }
        const std::uint64_t length = big(head->data() + 2, 2);
        if (marker == 0xD8 || marker == 0xD9 || marker == 0xDA || marker < 0xC0 || length < 2) break;
        if (is_start_of_frame(marker)) {
            const auto frame = bytes_at<5>(file, at + 4);
            if (!frame || length < 7) break;
            // A height of 0 is given later, in a DNL segment behind the pixels, which is not read.
            stored = sides(big(frame->data() + 3, 2), big(frame->data() + 1, 2));
            if (!stored) break;
        }
        const auto name = marker == 0xE1 && length >= 8 && !exif_read ? bytes_at<6>(file, at + 4) : std::nullopt;
        if (name && is(name->data(), "Exif\0\0"sv)) {
            exif_read = true;
            turned = is_turned(file, at + 4, length - 2);
        }
        at += 2 + length;
    }
    return shown(stored, turned);
}

std::optional<Size> tiff(ByteSource &file) {
    const auto directory = read_tiff_directory(file);
    return directory ? shown(sides(directory->width, directory->height), directory->turned()) : std::nullopt;
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

std::optional<Size> size_in_header(ByteSource &file) {
    const auto magic = bytes_at<12>(file, 0);
    if (!magic) return std::nullopt;
    const unsigned char *at = magic->data();
    if (is(at, "\x89PNG\r\n\x1A\n"sv)) return png(file);
    if (is(at, "\xFF\xD8\xFF"sv)) return jpeg(file);
    if (is(at, "GIF87a"sv) || is(at, "GIF89a"sv)) return gif(file);
    if (is(at, "RIFF"sv) && is(at + 8, "WEBP"sv)) return webp(file);
    if (is(at, "II"sv) || is(at, "MM\0"sv)) return tiff(file);
    if (is(at, "\0\0\0\x0CjP  \r\n\x87\n"sv)) return jpeg_2000(file);
    if (is(at, "\xFF\x4F\xFF\x51"sv)) return code_stream(file);
    if (is(at, "BM"sv)) return bmp(file);
    return std::nullopt;
}

} // namespace ango::common
