#include "base/files.hpp"

#include "base/handle_windows.hpp"
#include "base/security_windows.hpp"

#include <boost/system/system_category.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace angod::files {

namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr DWORD kDiskQuotaExceeded = 1295; // MinGW's headers have no name for it

std::string text_of(DWORD why) { return boost::system::system_category().message(static_cast<int>(why)); }

Error io_error(std::string_view doing, const fs::path &path) {
    const DWORD why = ::GetLastError();
    Code code = Code::io;
    if (why == ERROR_FILE_NOT_FOUND || why == ERROR_PATH_NOT_FOUND) code = Code::not_found;
    if (why == ERROR_DISK_FULL || why == ERROR_HANDLE_DISK_FULL || why == kDiskQuotaExceeded) code = Code::full;
    return error(code, fmt::format("cannot {} {}: {}", doing, path.string(), text_of(why)));
}

bool write_all(NativeHandle file, std::string_view bytes) {
    constexpr std::size_t kChunk = 16u << 20;
    while (!bytes.empty()) {
        DWORD written = 0;
        if (!::WriteFile(file, bytes.data(), static_cast<DWORD>(std::min(bytes.size(), kChunk)), &written, nullptr))
            return false;
        bytes.remove_prefix(written);
    }
    return true;
}

/// A virus scanner or indexer may keep the replaced file open for a moment.
bool move_over(const fs::path &from, const fs::path &to, bool sync) {
    const DWORD flags = MOVEFILE_REPLACE_EXISTING | (sync ? MOVEFILE_WRITE_THROUGH : 0);
    for (DWORD wait_ms = 1;; wait_ms *= 2) {
        if (::MoveFileExW(from.c_str(), to.c_str(), flags)) return true;
        const DWORD why = ::GetLastError();
        if (wait_ms > 64 || (why != ERROR_ACCESS_DENIED && why != ERROR_SHARING_VIOLATION)) return false;
        ::Sleep(wait_ms);
        ::SetLastError(why);
    }
}

} // namespace

std::string system_error() { return text_of(::GetLastError()); }

Result<std::string> read(const fs::path &path, std::uint64_t limit) {
    const Handle file(::CreateFileW(path.c_str(), GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_SEQUENTIAL_SCAN, nullptr));
    if (!file) return io_error("read", path);
    std::string out;
    char buffer[64 * 1024];
    for (;;) {
        DWORD n = 0;
        if (!::ReadFile(file.get(), buffer, sizeof buffer, &n, nullptr)) return io_error("read", path);
        if (n == 0) return out;
        out.append(buffer, n);
        if (out.size() > limit)
            return error(Code::limit, fmt::format("{} is larger than {} bytes", path.string(), limit));
    }
}

Result<void> replace(const fs::path &path, std::string_view bytes, bool sync) {
    const auto security = Security::owner_only();
    if (!security) return wrap("cannot write " + path.string(), security.error());
    SECURITY_ATTRIBUTES attributes = security->attributes();
    fs::path temporary = path;
    temporary += L".new";
    // An existing file would keep its rights.
    ::DeleteFileW(temporary.c_str());
    {
        const Handle file(::CreateFileW(temporary.c_str(), GENERIC_WRITE | DELETE, 0, &attributes, CREATE_NEW,
                                        FILE_ATTRIBUTE_NORMAL, nullptr));
        if (!file) return io_error("write", temporary);
        if (!write_all(file.get(), bytes) || (sync && !::FlushFileBuffers(file.get()))) {
            Error failure = io_error("write", temporary);
            // It is open, and disappears when it is closed.
            FILE_DISPOSITION_INFO gone{TRUE};
            ::SetFileInformationByHandle(file.get(), FileDispositionInfo, &gone, sizeof gone);
            return failure;
        }
    }
    if (!move_over(temporary, path, sync)) {
        Error failure = io_error("replace", path);
        ::DeleteFileW(temporary.c_str());
        return failure;
    }
    return {};
}

Result<void> make_private_folder(const fs::path &path) {
    std::error_code failed; // appears again below
    fs::create_directories(path.parent_path(), failed);
    const auto security = Security::owner_only();
    if (!security) return wrap("cannot create the folder " + path.string(), security.error());
    SECURITY_ATTRIBUTES attributes = security->attributes();
    if (!::CreateDirectoryW(path.c_str(), &attributes) && ::GetLastError() != ERROR_ALREADY_EXISTS)
        return io_error("create the folder", path);
    const DWORD found = ::GetFileAttributesW(path.c_str());
    if (found == INVALID_FILE_ATTRIBUTES) return io_error("use the folder", path);
    if (!(found & FILE_ATTRIBUTE_DIRECTORY)) {
        ::SetLastError(ERROR_DIRECTORY);
        return io_error("use the folder", path);
    }
    return {};
}

void remove_all(const fs::path &path) noexcept {
    std::error_code ignored; // the next start removes what is left
    fs::remove_all(path, ignored);
}

Result<Lock> Lock::take(const fs::path &path) {
    const auto security = Security::owner_only();
    if (!security) return wrap("cannot open " + path.string(), security.error());
    SECURITY_ATTRIBUTES attributes = security->attributes();
    Handle file(::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                              &attributes, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!file) return io_error("open", path);
    OVERLAPPED at{}; // the first byte, which need not be there
    if (!::LockFileEx(file.get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)) {
        if (::GetLastError() == ERROR_LOCK_VIOLATION)
            return error(Code::full, fmt::format("{} is held by another process", path.string()));
        return io_error("lock", path);
    }
    return Lock(file.release());
}

Lock::Lock(Lock &&other) noexcept : handle_(std::exchange(other.handle_, kNoHandle)) {}

Lock::~Lock() {
    const Handle closed(handle_); // which gives the lock back
}

} // namespace angod::files
