// Shared by the sources that read and write files by descriptor. For *_posix.cpp only.
#pragma once

#include "base/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace angod::files {

/// Closes its descriptor. May hold none.
class Fd {
public:
    explicit Fd(int fd) : fd_(fd) {}
    Fd(const Fd &) = delete;
    Fd &operator=(const Fd &) = delete;
    ~Fd() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    bool open() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }

private:
    int fd_;
};

/// Of the last call of the system: "cannot read PATH: why".
inline Error io_error(std::string_view doing, const fs::path &path) {
    const Code code = errno == ENOENT ? Code::not_found : errno == ENOSPC || errno == EDQUOT ? Code::full : Code::io;
    return error(code, fmt::format("cannot {} {}: {}", doing, path.string(), system_error()));
}

/// False: errno tells why.
inline bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace angod::files
