// The manifest of an export in several files. Its layout is not documented, so only what looks like a list of files counts. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// The names of JSON files in the members "parts" and "files" of an object: texts, or objects with a "name", "file", "fileName", "path" or "key".
/// None if the text is no JSON, or has no such list.
std::vector<std::string> parts_of_manifest(std::string_view text);

} // namespace angod
