// PNG files for tests, made by hand so that each part of the format can be wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace png_file {

struct Picture {
    std::uint32_t width = 1, height = 1;
    std::uint8_t depth = 8;  ///< bits of a sample
    std::uint8_t colour = 6; ///< 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGBA
    std::uint8_t interlace = 0;
    std::string rows;        ///< samples row by row, without the filter bytes
    std::string more_chunks; ///< made by chunk(), between IHDR and IDAT
};

std::string chunk(const std::string &name, const std::string &body);
std::string encode(const Picture &picture);

/// An RGBA picture from a drawing: one letter for each pixel, '\n' behind each row. colours: four bytes for each
/// letter.
std::string draw(const std::string &rows, const std::vector<std::pair<char, std::string>> &colours);

} // namespace png_file
