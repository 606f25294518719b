// Width and height from the header of an image file (modules/FORMATS.md 4.4): PNG, JPEG, GIF, BMP, WebP, TIFF and JPEG
// 2000, recognised by their first bytes, whatever the file is called. Nothing is decoded. The size is that of the
// stored pixels: a rotation that EXIF asks for is not applied.
#pragma once

#include "common/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ango::common {

/// The bytes of a file, at any offset.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills to with exactly size bytes from offset; false if the file does not have them or cannot be read.
    virtual bool read(std::uint64_t offset, unsigned char *to, std::size_t size) = 0;
};

/// A file in memory; bytes must outlive it.
class MemorySource : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
    bool read(std::uint64_t offset, unsigned char *to, std::size_t size) override;

private:
    std::string_view bytes_;
};

/// Nothing if the format is none of those above, or if the header is incomplete or invalid. Reads a bounded number of
/// small pieces, whatever the size and the contents of the file.
std::optional<Size> size_in_header(ByteSource &file);

} // namespace ango::common
