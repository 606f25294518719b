#include "base/file_access.hpp"

#include "base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace angod::files {

namespace {

std::string name_of(uid_t user) {
    const passwd *entry = ::getpwuid(user);
    return entry ? std::string(entry->pw_name) : std::to_string(user);
}

} // namespace

std::string own_user() { return "the user " + name_of(::geteuid()); }

std::optional<std::string> access_problem(const std::filesystem::path &path, Need need) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return std::nullopt;
        return fmt::format("{} cannot be looked at by {}: {}; give that user the right to enter the folders above it",
                           path.string(), own_user(), system_error());
    }
    const bool folder = S_ISDIR(info.st_mode);
    const int mode = (need == Need::write ? W_OK | R_OK : R_OK) | (folder ? X_OK : 0);
    if (::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) return std::nullopt;
    const char *verb = need == Need::write ? "written" : "read";
    if (errno == EROFS)
        return fmt::format("{} cannot be written: it is on a read-only file system; mount that writable, or name "
                           "another folder in the configuration",
                           path.string());
    if (errno != EACCES) return fmt::format("{} cannot be {}: {}", path.string(), verb, system_error());
    if (info.st_uid != ::geteuid())
        return fmt::format("{} cannot be {} by {}: it belongs to the user {}, for example after a start as that user; "
                           "run: chown {}{} {}",
                           path.string(), verb, own_user(), name_of(info.st_uid), folder ? "-R " : "",
                           name_of(::geteuid()), path.string());
    return fmt::format("{} cannot be {} by its owner, {}: its mode is {:04o}; run: chmod {} {}", path.string(), verb,
                       own_user(), info.st_mode & 07777, folder ? "u+rwx" : "u+rw", path.string());
}

void give_to_owner_of(const std::filesystem::path &other, const std::filesystem::path &file) {
    struct stat info {};
    if (::geteuid() != 0 || ::stat(other.c_str(), &info) != 0 || info.st_uid == 0) return;
    // A failure shows at the next start, which names the file.
    [[maybe_unused]] const int done = ::lchown(file.c_str(), info.st_uid, info.st_gid);
}

} // namespace angod::files
