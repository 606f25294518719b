// Writes a zip file from start to end: any number of deflated entries of any size. The local headers contain the sizes,
// so that streaming readers can read the file. zip64 is used only where it is needed.
//
// The directory is the last part of a zip. Until then it waits in a second file, so memory does not grow with the
// entries.
#pragma once

#include "host/pipeline/deflater.hpp"
#include "host/pipeline/spool_file.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace angod::host {

/// One thread. Errors are those of SpoolFile.
class ZipWriter {
public:
    /// Creates two new files in the folder; the caller removes them. quota must outlive the writer.
    static Result<ZipWriter> create(const std::filesystem::path &folder, SpoolQuota &quota);

    /// name: UTF-8, at most 65,535 bytes. One entry is open at a time.
    Result<void> begin_entry(std::string_view name);
    Result<void> write(std::string_view bytes);
    Result<void> end_entry();
    /// Writes the directory. After that the file at path() is complete.
    Result<void> finish();

    const std::filesystem::path &path() const { return zip_.path(); }
    std::uint64_t size() const { return zip_.size(); }
    std::uint64_t entries() const { return entries_; }

private:
    ZipWriter(SpoolFile zip, SpoolFile directory);
    Result<void> hold(std::string_view compressed);
    std::string local_header(bool reserve) const;
    std::string directory_entry() const;
    std::string directory_end(std::uint64_t at, std::uint64_t bytes) const;

    SpoolFile zip_, directory_;
    Deflater deflater_;
    std::uint32_t dos_time_;
    std::uint64_t entries_ = 0;
    // the open entry
    std::string name_;
    std::string held_;            ///< compressed bytes that wait because the header before them is not written yet
    bool header_written_ = false; ///< with room for zip64 sizes
    std::uint64_t offset_ = 0, size_ = 0, compressed_ = 0;
};

} // namespace angod::host
