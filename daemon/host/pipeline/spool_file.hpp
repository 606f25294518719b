// Files in a job's scratch folder, and what they may take together.
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

/// What a job may put on disk: result zip and scratch files together. Any thread.
class SpoolQuota {
public:
    explicit SpoolQuota(std::uint64_t bytes) : limit_(bytes) {}
    /// False if that would be too much; nothing is taken then.
    bool take(std::uint64_t bytes);
    std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
    std::uint64_t limit() const { return limit_; }

private:
    const std::uint64_t limit_;
    std::atomic<std::uint64_t> used_{0};
};

/// A file that is written from start to end through a buffer of 256 KB, and read back. One thread at a time.
/// Errors: limit (the quota), full (no space left) and io; their texts are fit for the user of Hub.
class SpoolFile {
public:
    /// A new file. quota must outlive it.
    static Result<SpoolFile> create(const std::filesystem::path &path, SpoolQuota &quota);

    Result<void> append(std::string_view bytes);
    /// Overwrites what was appended before.
    Result<void> patch(std::uint64_t offset, std::string_view bytes);
    /// Everything is with the operating system. Afterwards others can open the file.
    Result<void> flush();
    /// Reads on from where the last read ended, the first time from the start; less than capacity only at the
    /// end. No append afterwards.
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
    std::vector<char> buffer_;  ///< what is not on disk yet; once reading, what was read ahead
    std::size_t buffer_at_ = 0; ///< reading: how far buffer_ is used
    bool reading_ = false;
    std::uint64_t size_ = 0; ///< appended
};

} // namespace angod::host
