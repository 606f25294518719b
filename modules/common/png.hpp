// PNG files row by row: masks and brush traces.
#pragma once

#include "common/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ango::common {

/// Reads a file from the top, a row at a time. One thread. A pixel has four bytes: red, green, blue and alpha, not
/// premultiplied. Colours are those in the file; its gamma is ignored.
class PngReader {
public:
    /// Reads the head of the file. bytes must outlive the object. Refuses interlaced images, and images of more than
    /// max_pixels before it allocates any memory. Needs memory for one row.
    PngReader(std::string_view bytes, std::uint64_t max_pixels);
    ~PngReader();
    PngReader(const PngReader &) = delete;
    PngReader &operator=(const PngReader &) = delete;

    /// The reason why the file cannot be read, as the end of a sentence ("is no PNG file"); nothing as long as there is
    /// none.
    const std::optional<std::string> &problem() const;
    /// Valid if there is no problem.
    Size size() const;
    /// Returns the next row, valid until the next call; null if it cannot be read (see problem). Call it at most once
    /// for each row.
    const unsigned char *row();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Writes a file from the top, a row at a time: 8 bits, RGBA. One thread.
class PngWriter {
public:
    explicit PngWriter(Size size);
    ~PngWriter();
    PngWriter(const PngWriter &) = delete;
    PngWriter &operator=(const PngWriter &) = delete;

    /// Takes the next row, size.width pixels of four bytes.
    void row(const unsigned char *rgba);
    /// Returns the file after the last row; nothing if libpng failed, for lack of memory.
    std::optional<std::string> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Receives a file: its size first, then each row from the top, as PngReader::row returns them.
struct PngSink {
    std::function<bool(Size)> start; ///< false: stop, the file is not wanted
    std::function<void(std::uint64_t y, const unsigned char *rgba)> row;
};

/// Nothing if all rows have been given to sink; otherwise why the file cannot be read, as the end of a sentence ("is no
/// PNG file"). Limits are those of PngReader.
std::optional<std::string> read_png(std::string_view bytes, std::uint64_t max_pixels, const PngSink &sink);

} // namespace ango::common
