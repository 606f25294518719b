// Files of the daemon: private by default, replaced whole or not at all.
#pragma once

#include "base/native_handle.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace angod::files {

namespace fs = std::filesystem;

/// The whole file, at most limit bytes.
Result<std::string> read(const fs::path &path, std::uint64_t limit);

/// Writes a new file for the owner alone (mode 0600) under a temporary name and renames it into place. sync: it also survives a
/// power cut once this has returned.
Result<void> replace(const fs::path &path, std::string_view bytes, bool sync);

/// Makes the folder and its parents. The folder itself is for the owner alone (mode 0700).
Result<void> make_private_folder(const fs::path &path);

/// Removes the file or folder, if there is one.
void remove_all(const fs::path &path) noexcept;

/// The reason why the last system call failed (errno, GetLastError), for sentences like "cannot …: No such file or directory".
std::string system_error();

/// Holds an advisory lock on a file as long as it lives.
class Lock {
public:
    /// Fails with Code::full if another process holds it.
    static Result<Lock> take(const fs::path &path);
    Lock(Lock &&other) noexcept;
    Lock &operator=(Lock &&) = delete;
    ~Lock();

private:
    explicit Lock(NativeHandle handle) : handle_(handle) {}
    NativeHandle handle_;
};

} // namespace angod::files
