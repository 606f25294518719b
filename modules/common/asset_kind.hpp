// What an asset is (formats.md 4.1 "What maps where"): only images, pages of images and video frames convert.
#pragma once

#include "record.hpp"

#include <string_view>

namespace ango::convert {

enum class AssetKind {
    kImage,
    kPages, ///< dataset: several images in one asset
    kVideo,
    kOther, ///< text, audio, PDF, markdown, volumes
};

/// Whether "asset" is no URL but a markdown text of several lines, which Hub keeps in its place (1.2).
bool is_embedded_text(std::string_view asset);

/// By dataset, metadata.frameTotal, the extension of externalId, then of the URL's path. No evidence: image.
AssetKind kind_of(const Record &record);

/// The last part of the path of a URL, without query and fragment; text itself if it is no URL.
std::string_view url_file_name(std::string_view url);

/// ".jpg" of "a.b.jpg": a last dot, not the first byte, and 1 to 10 ASCII letters and digits. Else empty. What
/// follows a dot in "house no. 5" is no extension, and cutting it off would make different names equal.
std::string_view extension_of(std::string_view name);

/// Whether the extension (with its dot, any case) is one of an image.
bool is_image_extension(std::string_view extension);

} // namespace ango::convert
