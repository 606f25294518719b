#include "common/tiff_directory.hpp"

namespace ango::common {

namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kMostEntries = 500; // an editor writes about twenty

// Tags, and the types of their values.
constexpr std::uint64_t kWidth = 256, kHeight = 257, kOrientation = 274;
constexpr std::uint64_t kShort = 3, kLong = 4, kLong8 = 16;

} // namespace

std::optional<TiffDirectory> read_tiff_directory(ByteSource &file) {
    const auto order = bytes_at<8>(file, 0);
    if (!order) return std::nullopt;
    const unsigned char *start = order->data();
    const bool is_big_endian = is(start, "MM\0\x2A"sv) || is(start, "MM\0\x2B"sv);
    if (!is_big_endian && !is(start, "II\x2A\0"sv) && !is(start, "II\x2B\0"sv)) return std::nullopt;
    const auto number = [is_big_endian](const unsigned char *at, std::size_t count) {
        return is_big_endian ? big(at, count) : little(at, count);
    };
    const bool is_big = number(start + 2, 2) == 43;
    const std::size_t count_bytes = is_big ? 8 : 2, entry_bytes = is_big ? 20 : 12;
    std::uint64_t directory = number(start + 4, 4);
    if (is_big) {
        const auto place = bytes_at<8>(file, 8);
        if (number(start + 4, 2) != 8 || !place) return std::nullopt;
        directory = number(place->data(), 8);
    }
    Bytes<20> bytes{};
    if (directory > UINT64_MAX / 2 || !file.read(directory, bytes.data(), count_bytes)) return std::nullopt;
    const std::uint64_t count = number(bytes.data(), count_bytes);
    TiffDirectory found;
    for (std::uint64_t i = 0; i < count && i < kMostEntries; ++i) {
        if (!file.read(directory + count_bytes + i * entry_bytes, bytes.data(), entry_bytes)) {
            // Entries ascend, so the size is known already if only later ones are cut off.
            return found.width && found.height ? std::optional(found) : std::nullopt;
        }
        const std::uint64_t tag = number(bytes.data(), 2), type = number(bytes.data() + 2, 2);
        if (tag != kWidth && tag != kHeight && tag != kOrientation) continue;
        const std::size_t value_bytes = type == kShort ? 2 : type == kLong ? 4 : type == kLong8 && is_big ? 8 : 0;
        if (value_bytes == 0) continue; // of a wrong type
        const std::uint64_t value = number(bytes.data() + (is_big ? 12 : 8), value_bytes);
        if (tag == kOrientation)
            found.orientation = value >= 1 && value <= 8 ? value : 1;
        else
            (tag == kWidth ? found.width : found.height) = value;
    }
    return found;
}

std::optional<TiffDirectory> read_exif(ByteSource &file, std::uint64_t offset, std::uint64_t size) {
    const auto start = bytes_at<6>(file, offset);
    const std::uint64_t skip = start && size >= 6 && is(start->data(), "Exif\0\0"sv) ? 6 : 0;
    PartSource part(file, offset + skip, size - skip);
    return read_tiff_directory(part);
}

} // namespace ango::common
