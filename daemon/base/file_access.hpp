// Whether this process may use a file as it must, in sentences for the operator.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace angod::files {

enum class Need { read, write }; ///< write: also to read; in a folder, to make and remove files

/// Why this process cannot use the file or folder, and the remedy, as one sentence that begins with the path. Nothing if it
/// can, or if there is no such file.
std::optional<std::string> access_problem(const std::filesystem::path &path, Need need);

/// Why no file can be written below the folder, and the remedy: its file system has less than least bytes left. Nothing if
/// it has more, or cannot tell.
std::optional<std::string> space_problem(const std::filesystem::path &folder, std::uint64_t least);

/// The nearest folder on the way to the path that exists: where the missing ones would be made.
std::filesystem::path existing_parent(const std::filesystem::path &path);

/// True if other users of the machine can read the file.
bool is_readable_by_others(const std::filesystem::path &path);

/// A process of the administrator gives a file that it made to the owner of another one. Does nothing otherwise.
void give_to_owner_of(const std::filesystem::path &other, const std::filesystem::path &file);

/// "the user angod", for sentences.
std::string own_user();

} // namespace angod::files
