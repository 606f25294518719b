// Width and height from the header of an image file (modules/FORMATS.md 4.4): PNG, JPEG, GIF, BMP, WebP, TIFF and JPEG
// 2000, recognised by their first bytes, whatever the file is called. Nothing is decoded. The size is that of the picture
// as it is shown: an EXIF orientation of 5 to 8 swaps width and height. EXIF data is read in JPEG, PNG (chunk eXIf before
// the pixels, which is where programs look that show a PNG), WebP and TIFF.
#pragma once

#include "common/byte_source.hpp"
#include "common/geometry.hpp"

#include <optional>

namespace ango::common {

/// Nothing if the format is none of those above, or if the header is incomplete or invalid. Reads a bounded number of
/// small pieces, whatever the size and the contents of the file.
std::optional<Size> size_in_header(ByteSource &file);

} // namespace ango::common
