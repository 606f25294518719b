// A zip file, written from start to end: deflated entries of any size, any number of them, sizes in the local
// headers (so that readers which stream can read it), zip64 only where it is needed.
//
// The directory, which comes last in a zip, waits in a second file: memory does not grow with the entries.
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
    /// Two new files in the folder, which the caller removes with it. quota must outlive it.
    static Result<ZipWriter> create(const std::filesystem::path &folder, SpoolQuota &quota);

    /// name: UTF-8, at most 65,535 bytes. One entry is open at a time.
    Result<void> begin_entry(std::string_view name);
    Result<void> write(std::string_view bytes);
    Result<void> end_entry();
    /// The directory. Afterwards path() is complete.
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
    std::string held_;            ///< compressed bytes in front of which the header is not written yet
    bool header_written_ = false; ///< then with room for zip64 sizes
    std::uint64_t offset_ = 0, size_ = 0, compressed_ = 0;
};

} // namespace angod::host
