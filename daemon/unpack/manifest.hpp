// The manifest of an export in several files. Its layout is not documented, so only what looks like a list of files, or like a count of
// something, is understood. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod {

struct Manifest {
    /// The names of JSON files in the members "parts" and "files": texts, or objects with a "name", "file", "fileName", "path" or "key".
    std::vector<std::string> parts;
    /// The files of the export: a number in "parts", "partCount" or "chunks".
    std::optional<std::uint64_t> part_count;
    /// The records of the export: a number in "count", "total", "records", "assets" or "assetCount".
    std::optional<std::uint64_t> record_count;
};

/// Nothing if the text is no JSON object.
Manifest read_manifest(std::string_view text);

} // namespace angod
