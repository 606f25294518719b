// Files in a job's scratch folder, and their common quota.
#pragma once

#include "base/result.hpp"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace angod::host {

/// The bytes that a job may put on disk, for the result zip and scratch files together. Any thread.
class SpoolQuota {
public:
    explicit SpoolQuota(std::uint64_t bytes) : limit_(bytes) {}
    /// Takes bytes from the quota. False if it has not enough left; then it takes none.
    bool take(std::uint64_t bytes);
    std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
    std::uint64_t limit() const { return limit_; }

private:
    const std::uint64_t limit_;
    std::atomic<std::uint64_t> used_{0};
};

/// A file that is first written from start to end, through a buffer of 256 KB, and then read. One thread at a time.
/// Errors: limit (the quota), full (no space left) and io. The user of Hub may see their texts.
class SpoolFile {
public:
    /// Creates a new file. quota must outlive it.
    static Result<SpoolFile> create(const std::filesystem::path &path, SpoolQuota &quota);

    Result<void> append(std::string_view bytes);
    /// Overwrites bytes that were appended before.
    Result<void> patch(std::uint64_t offset, std::string_view bytes);
    /// Passes all bytes to the operating system, so that others can open the file and read them.
    Result<void> flush();
    /// Reads from the end of the last read, the first time from the start. Returns less than capacity only at the end
    /// of the file. After the first read no append is allowed.
    Result<std::size_t> read(char *buffer, std::size_t capacity);

    std::uint64_t size() const { return size_; }
    const std::filesystem::path &path() const { return path_; }

private:
    struct Close {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    using Handle = std::unique_ptr<std::FILE, Close>;
    SpoolFile(std::filesystem::path path, Handle file, SpoolQuota &quota);
    Error failed(std::string_view doing) const;

    std::filesystem::path path_;
    Handle file_;
    SpoolQuota *quota_;
    std::vector<char> buffer_;  ///< while writing: bytes that are not on disk yet; while reading: bytes read ahead
    std::size_t buffer_at_ = 0; ///< while reading: bytes of buffer_ that are used
    bool reading_ = false;
    std::uint64_t size_ = 0; ///< bytes appended
};

} // namespace angod::host
