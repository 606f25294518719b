#include "base/files.hpp"

#include "base/file_io_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace angod::files {

std::string system_error() { return std::strerror(errno); }

Result<std::string> read(const fs::path &path, std::uint64_t limit) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.open()) return io_error("read", path);
    std::string out;
    char buffer[64 * 1024];
    for (;;) {
        const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error("read", path);
        if (n == 0) return out;
        out.append(buffer, static_cast<std::size_t>(n));
        if (out.size() > limit)
            return error(Code::limit, fmt::format("{} is larger than {} bytes", path.string(), limit));
    }
}

Result<void> replace(const fs::path &path, std::string_view bytes, bool sync) {
    const fs::path temporary = path.string() + ".new";
    {
        const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!fd.open()) return io_error("write", temporary);
        if (!write_all(fd.get(), bytes) || (sync && ::fsync(fd.get()) != 0)) {
            const Error failure = io_error("write", temporary);
            ::unlink(temporary.c_str());
            return failure;
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error failure = io_error("replace", path);
        ::unlink(temporary.c_str());
        return failure;
    }
    if (sync) {
        const Fd folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (folder.open()) ::fsync(folder.get());
    }
    return {};
}

Result<void> make_private_folder(const fs::path &path) {
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error("create the folder", path);
    ::chmod(path.c_str(), 0700); // regardless of the umask that a module has set
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return io_error("use the folder", path);
    return {};
}

void remove_all(const fs::path &path) noexcept {
    std::error_code ignored; // the next start removes what is left
    fs::remove_all(path, ignored);
}

Result<Lock> Lock::take(const fs::path &path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return io_error("open", path);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const bool held = errno == EWOULDBLOCK;
        const Error failure = io_error("lock", path);
        ::close(fd);
        if (held) return error(Code::full, fmt::format("{} is held by another process", path.string()));
        return failure;
    }
    return Lock(fd);
}

Lock::Lock(Lock &&other) noexcept : handle_(std::exchange(other.handle_, kNoHandle)) {}

Lock::~Lock() {
    if (handle_ >= 0) ::close(handle_);
}

} // namespace angod::files
