// PNG files row by row: masks and brush traces.
#pragma once

#include "common/geometry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ango::common {

/// Receives a file: its size first, then each row from the top. A pixel has four bytes: red, green, blue and alpha, not
/// premultiplied. Colours are those in the file; its gamma is ignored.
struct PngSink {
    std::function<bool(Size)> start; ///< false: stop, the file is not wanted
    std::function<void(std::uint64_t y, const unsigned char *rgba)> row;
};

/// Nothing if all rows have been given to sink; otherwise why the file cannot be read, as the end of a sentence ("is no
/// PNG file"). Refuses interlaced images, and images of more than max_pixels before it allocates any memory. Needs
/// memory for one row.
std::optional<std::string> read_png(std::string_view bytes, std::uint64_t max_pixels, const PngSink &sink);

} // namespace ango::common
