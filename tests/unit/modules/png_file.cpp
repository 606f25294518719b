#include "png_file.hpp"

#include <algorithm>

#include <zlib.h>

namespace png_file {

namespace {

std::string big(std::uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
            static_cast<char>(value)};
}

unsigned samples(std::uint8_t colour) { return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1; }

} // namespace

std::string chunk(const std::string &name, const std::string &body) {
    const std::string named = name + body;
    const auto crc = crc32(0, reinterpret_cast<const Bytef *>(named.data()), static_cast<uInt>(named.size()));
    return big(static_cast<std::uint32_t>(body.size())) + named + big(static_cast<std::uint32_t>(crc));
}

std::string encode(const Picture &picture) {
    const std::size_t row = (std::size_t{picture.width} * samples(picture.colour) * picture.depth + 7) / 8;
    std::string filtered;
    for (std::size_t at = 0; at < picture.rows.size(); at += row) filtered += '\0' + picture.rows.substr(at, row);
    uLongf size = compressBound(static_cast<uLong>(filtered.size()));
    std::string packed(size, '\0');
    compress(reinterpret_cast<Bytef *>(packed.data()), &size, reinterpret_cast<const Bytef *>(filtered.data()),
             static_cast<uLong>(filtered.size()));
    packed.resize(size);
    const std::string head = big(picture.width) + big(picture.height) + static_cast<char>(picture.depth) +
                             static_cast<char>(picture.colour) + std::string(2, '\0') +
                             static_cast<char>(picture.interlace);
    return "\x89PNG\r\n\x1A\n" + chunk("IHDR", head) + picture.more_chunks + chunk("IDAT", packed) + chunk("IEND", "");
}

std::string draw(const std::string &rows, const std::vector<std::pair<char, std::string>> &colours) {
    Picture picture;
    picture.width = static_cast<std::uint32_t>(rows.find('\n'));
    picture.height = static_cast<std::uint32_t>(std::count(rows.begin(), rows.end(), '\n'));
    for (const char letter : rows)
        for (const auto &[name, rgba] : colours)
            if (name == letter) picture.rows += rgba;
    return encode(picture);
}

} // namespace png_file
