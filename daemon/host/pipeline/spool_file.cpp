#include "host/pipeline/spool_file.hpp"

#include "base/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace angod::host {

namespace {
constexpr std::size_t kBuffer = 256 * 1024;
}

bool SpoolQuota::take(std::uint64_t bytes) {
    std::uint64_t used = used_.load(std::memory_order_relaxed);
    do {
        if (bytes > limit_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
}

SpoolFile::SpoolFile(std::filesystem::path path, Handle file, SpoolQuota &quota)
    : path_(std::move(path)), file_(std::move(file)), quota_(&quota) {
    std::setvbuf(file_.get(), nullptr, _IONBF, 0); // SpoolFile has its own buffer
}

Result<SpoolFile> SpoolFile::create(const std::filesystem::path &path, SpoolQuota &quota) {
    errno = 0;
    Handle file(std::fopen(path.string().c_str(), "wb+x"));
    if (!file)
        return error(errno == ENOSPC ? Code::full : Code::io,
                     fmt::format("cannot create the temporary file {}: {}", path.string(), files::system_error()));
    return SpoolFile(path, std::move(file), quota);
}

Error SpoolFile::failed(std::string_view doing) const {
    if (errno == ENOSPC || errno == EDQUOT)
        return error(Code::full, fmt::format("the disk of the machine that runs the plugins is full (cannot {} {})",
                                             doing, path_.string()));
    return error(Code::io,
                 fmt::format("cannot {} the temporary file {}: {}", doing, path_.string(), files::system_error()));
}

Result<void> SpoolFile::append(std::string_view bytes) {
    if (!quota_->take(bytes.size()))
        return error(
            Code::limit,
            fmt::format("the result and its temporary files are larger than {} MB, which limits.spool_mb allows",
                        quota_->limit() >> 20));
    size_ += bytes.size();
    if (buffer_.size() + bytes.size() > kBuffer) {
        if (auto done = flush(); !done) return done;
        if (bytes.size() >= kBuffer) {
            if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) return failed("write to");
            return {};
        }
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return {};
}

Result<void> SpoolFile::flush() {
    errno = 0;
    if (!buffer_.empty() && std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size())
        return failed("write to");
    buffer_.clear();
    return {};
}

Result<void> SpoolFile::patch(std::uint64_t offset, std::string_view bytes) {
    const std::uint64_t on_disk = size_ - buffer_.size();
    if (offset >= on_disk) {
        std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(offset - on_disk));
        return {};
    }
    if (auto done = flush(); !done) return done;
    if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0 ||
        std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size() ||
        fseeko(file_.get(), 0, SEEK_END) != 0)
        return failed("write to");
    return {};
}

Result<std::size_t> SpoolFile::read(char *buffer, std::size_t capacity) {
    if (!reading_) {
        if (auto done = flush(); !done) return done.error();
        if (fseeko(file_.get(), 0, SEEK_SET) != 0) return failed("read");
        reading_ = true;
    }
    errno = 0;
    std::size_t got = 0;
    while (got < capacity) {
        if (buffer_at_ == buffer_.size()) {
            buffer_.resize(kBuffer);
            buffer_.resize(std::fread(buffer_.data(), 1, kBuffer, file_.get()));
            buffer_at_ = 0;
            if (std::ferror(file_.get())) return failed("read");
            if (buffer_.empty()) break;
        }
        const std::size_t part = std::min(capacity - got, buffer_.size() - buffer_at_);
        std::memcpy(buffer + got, buffer_.data() + buffer_at_, part);
        got += part;
        buffer_at_ += part;
    }
    return got;
}

} // namespace angod::host
