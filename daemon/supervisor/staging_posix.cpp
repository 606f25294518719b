#include "supervisor/staging.hpp"

#include "base/files.hpp"
#include "base/ids.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace angod::supervisor {

namespace {

constexpr std::uint64_t kMaxModule = 4ull << 30;

Result<void> check_owner(const std::filesystem::path &source) {
    struct stat info {};
    if (::stat(source.c_str(), &info) != 0)
        return error(Code::not_found, fmt::format("cannot look at {}: {}", source.string(), files::system_error()));
    if (!S_ISREG(info.st_mode)) return error(Code::invalid, fmt::format("{} is no regular file", source.string()));
    if (info.st_mode & (S_IWGRP | S_IWOTH))
        return error(Code::invalid,
                     fmt::format("{} can be written by others than its owner; run chmod go-w on it", source.string()));
    if (info.st_uid != 0 && info.st_uid != ::geteuid())
        return error(Code::invalid,
                     fmt::format("{} belongs to another user; it must belong to root or to the user angod runs as",
                                 source.string()));
    return {};
}

} // namespace

Result<StagedModule> stage_module(const std::filesystem::path &source, const std::filesystem::path &folder) {
    if (auto good = check_owner(source); !good) return good.error();
    const auto bytes = files::read(source, kMaxModule);
    if (!bytes) return bytes.error();
    StagedModule staged;
    staged.sha256 = to_hex(sha256(*bytes));
    staged.path = folder / staged.sha256 / source.filename();
    if (auto made = files::make_private_folder(folder); !made) return made.error();
    if (auto made = files::make_private_folder(folder / staged.sha256); !made) return made.error();
    // A copy that is there already is compared, not trusted.
    if (const auto there = files::read(staged.path, kMaxModule); there && *there == *bytes) return staged;
    if (auto written = files::replace(staged.path, *bytes, false); !written) return written.error();
    return staged;
}

} // namespace angod::supervisor
