// The module files of a folder at one moment. Any thread; the calls may take as long as the file system wants.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace angod::supervisor {

/// Equal stamps mean that a file has not changed.
struct FileStamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    bool operator==(const FileStamp &) const = default;
};

/// Empty only if there is no such file; a file that cannot be examined has an empty stamp.
std::optional<FileStamp> stamp_of(const std::filesystem::path &file);

struct FolderListing {
    /// Without a stamp: the file is gone again.
    std::vector<std::pair<std::filesystem::path, std::optional<FileStamp>>> files;
    std::error_code failed; ///< the folder could not be read to its end
};
FolderListing list_modules(const std::filesystem::path &folder);

} // namespace angod::supervisor
