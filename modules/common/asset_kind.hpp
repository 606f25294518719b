// The kind of an asset (modules/FORMATS.md 4.2): only images, pages of images and video frames convert.
#pragma once

#include "common/record.hpp"

#include <string_view>

namespace ango::common {

enum class AssetKind {
    image,
    pages, ///< dataset: several images in one asset
    video,
    other, ///< text, audio, PDF, markdown, volumes
};

/// Whether "asset" is a markdown text of several lines, which Hub keeps in the place of the URL (FORMATS.md 1.2).
bool is_embedded_text(std::string_view asset);

/// By dataset, metadata.frameTotal, the extension of externalId, line ends in the text, then the extension of the URL's
/// path. Without any sign: image.
AssetKind kind_of(const Record &record);

/// The last part of the path of a URL, without query and fragment.
std::string_view url_file_name(std::string_view url);

/// ".jpg" of "a.b.jpg": the last dot, which is not the first byte, and 1 to 10 ASCII letters and digits; otherwise
/// empty. The text behind the dot of "house no. 5" is no extension: cutting it off would make different names equal.
std::string_view extension_of(std::string_view name);

/// Whether images have this extension (with its dot, any case).
bool is_image_extension(std::string_view extension);

} // namespace ango::common
