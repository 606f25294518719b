// PNG files row by row: masks and brush traces.
#pragma once

#include "geometry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ango::convert {

/// What comes of a file: its size first, then each row from the top, four bytes a pixel: red, green, blue, alpha, not
/// premultiplied. Colours are as they stand in the file, whatever gamma it claims.
struct PngSink {
    std::function<bool(Size)> start; ///< false: not wanted
    std::function<void(std::uint64_t y, const unsigned char *rgba)> row;
};

/// Why the file cannot be read, as half a sentence; nothing if all its rows have come. Refuses images of more than
/// max_pixels before any memory is spent on them, and interlaced ones. Memory for one row.
std::optional<std::string> read_png(std::string_view bytes, std::uint64_t max_pixels, const PngSink &sink);

} // namespace ango::convert
