// The names of files in a zip, and the kinds of files that they belong to. Pure.
#pragma once

#include <string_view>

namespace angod {

/// The name without its folders.
std::string_view base_name(std::string_view path);

/// Files that operating systems add to a zip on their own.
bool is_of_system(std::string_view path);

bool is_manifest(std::string_view path);

/// Whether a file may be a part of an export by its name.
bool may_be_part(std::string_view path);

} // namespace angod
