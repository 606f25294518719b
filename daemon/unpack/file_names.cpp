#include "unpack/file_names.hpp"

#include "base/letter_case.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace angod {

std::string_view base_name(std::string_view path) { return path.substr(path.find_last_of("/\\") + 1); }

bool is_of_system(std::string_view path) {
    const std::string_view name = base_name(path);
    return path.starts_with("__MACOSX/") || path.find("/__MACOSX/") != path.npos || name.starts_with("._") ||
           name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini";
}

bool is_manifest(std::string_view path) {
    const std::string name = ascii_lower(base_name(path));
    return name == "manifest" || name.starts_with("manifest.");
}

bool may_be_part(std::string_view path) {
    const std::string name = ascii_lower(base_name(path));
    const std::size_t dot = name.rfind('.');
    if (dot == name.npos) return true;
    constexpr std::array<std::string_view, 5> kExtensions{".json", ".ndjson", ".jsonl", ".geojson", ".txt"};
    return std::find(kExtensions.begin(), kExtensions.end(), name.substr(dot)) != kExtensions.end();
}

} // namespace angod
