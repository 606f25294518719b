// The first directory of a TIFF, classic or BigTIFF. EXIF data is such a file inside of another.
#pragma once

#include "common/byte_source.hpp"

#include <cstdint>
#include <optional>

namespace ango::common {

struct TiffDirectory {
    std::uint64_t width = 0, height = 0; // of the stored pixels; 0 if the directory does not tell
    std::uint64_t orientation = 1;       // 1 to 8; 5 to 8 show rows as columns
    bool turned() const { return orientation >= 5 && orientation <= 8; }
};

/// Nothing if file is no TIFF, or if its directory is cut off. Reads at most 500 entries.
std::optional<TiffDirectory> read_tiff_directory(ByteSource &file);

/// The same for size bytes of EXIF data at offset, with or without the six bytes that JPEG puts before it.
std::optional<TiffDirectory> read_exif(ByteSource &file, std::uint64_t offset, std::uint64_t size);

} // namespace ango::common
