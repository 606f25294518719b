#include "supervisor/folder_listing.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace angod::supervisor {

namespace {

bool is_library(const std::filesystem::path &file) {
    return file.extension() == ".so" && !file.filename().string().starts_with('.');
}

} // namespace

std::optional<FileStamp> stamp_of(const std::filesystem::path &file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0 && ::lstat(file.c_str(), &info) != 0)
        return errno == ENOENT ? std::nullopt : std::optional<FileStamp>(FileStamp{});
    const auto ns = [](const timespec &time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; };
    return FileStamp{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), ns(info.st_mtim),
                     ns(info.st_ctim)};
}

FolderListing list_modules(const std::filesystem::path &folder) {
    FolderListing listing;
    for (std::filesystem::directory_iterator entry(folder, listing.failed), end; !listing.failed && entry != end;
         entry.increment(listing.failed))
        if (is_library(entry->path())) listing.files.emplace_back(entry->path(), stamp_of(entry->path()));
    return listing;
}

} // namespace angod::supervisor
