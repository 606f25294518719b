#include "common/asset_kind.hpp"

#include "common/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace ango::common {

namespace {

constexpr std::array kImages = {".jpg",  ".jpeg", ".jfif", ".png",  ".bmp",  ".gif", ".tif",
                                ".tiff", ".webp", ".heic", ".heif", ".avif", ".svg", ".jp2"};
constexpr std::array kVideos = {".mp4", ".mov",  ".avi", ".mkv", ".webm", ".m4v",
                                ".mpg", ".mpeg", ".wmv", ".flv", ".3gp",  ".ogv"};
constexpr std::array kOthers = {".txt", ".md",    ".markdown", ".html", ".htm", ".json", ".csv",  ".xml", ".pdf",
                                ".doc", ".docx",  ".eml",      ".mp3",  ".wav", ".ogg",  ".flac", ".m4a", ".aac",
                                ".dcm", ".dicom", ".nii",      ".nrrd", ".gz",  ".zip",  ".pcd",  ".las", ".ply"};

template <class List> bool holds(const List &list, std::string_view extension) {
    return std::any_of(list.begin(), list.end(), [&](std::string_view one) { return one == extension; });
}

std::optional<AssetKind> kind_of_extension(std::string_view extension) {
    const std::string lower = ascii_lower(extension);
    if (holds(kImages, lower)) return AssetKind::image;
    if (holds(kVideos, lower)) return AssetKind::video;
    if (holds(kOthers, lower)) return AssetKind::other;
    return std::nullopt; // "shot.0042" says nothing about the kind
}

} // namespace

bool is_image_extension(std::string_view extension) { return holds(kImages, ascii_lower(extension)); }

std::string_view extension_of(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return {};
    const std::string_view letters = name.substr(dot + 1);
    const auto plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    if (letters.empty() || letters.size() > 10 || !std::all_of(letters.begin(), letters.end(), plain)) return {};
    return name.substr(dot);
}

std::string_view url_file_name(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t slash = url.rfind('/');
    return slash == std::string_view::npos ? url : url.substr(slash + 1);
}

bool is_embedded_text(std::string_view asset) {
    return !asset.starts_with("data:") && asset.find_first_of("\r\n") != std::string_view::npos;
}

AssetKind kind_of(const Record &record) {
    if (record.dataset) return AssetKind::pages;
    if (record.has_frames) return AssetKind::video;
    if (const auto kind = kind_of_extension(extension_of(record.external_id))) return *kind;
    if (is_embedded_text(record.asset_url)) return AssetKind::other;
    if (const auto kind = kind_of_extension(extension_of(url_file_name(record.asset_url)))) return *kind;
    return AssetKind::image;
}

} // namespace ango::common
