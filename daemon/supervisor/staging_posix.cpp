// A module file is read twice: for the name of its copy, which is its content's hash, and then for the copy itself. The copy
// gets its name only when it is whole, so a kill leaves nothing that looks like a copy. All of it blocks, for as long as the
// file systems want: it runs on threads for calls of the file system, with a sign of life for each block.
#include "supervisor/staging.hpp"

#include "base/file_io_posix.hpp"
#include "base/ids.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace angod::supervisor {

namespace {

constexpr std::uint64_t kMaxModule = 4ull << 30;
constexpr std::size_t kBlock = 1 << 20;

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

/// Reads a file and returns its SHA-256 in hex. to: where a copy is written; null: nowhere. Works in blocks, because a
/// module may be larger than the memory.
Result<std::string> read_through(const std::filesystem::path &from, const std::filesystem::path *to,
                                 const DiskCall &call) {
    const files::Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in.open()) return files::io_error("read", from);
    const files::Fd out(to ? ::open(to->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1);
    if (to && !out.open()) return files::io_error("write", *to);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    bool hashed = hash && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1;
    std::string block(kBlock, '\0');
    std::uint64_t size = 0;
    for (bool more = true; more && hashed; call.beat()) {
        const ssize_t n = ::read(in.get(), block.data(), block.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return files::io_error("read", from);
        more = n > 0;
        const std::string_view bytes(block.data(), static_cast<std::size_t>(n));
        size += bytes.size();
        if (size > kMaxModule)
            return error(Code::limit, fmt::format("{} is larger than {} bytes", from.string(), kMaxModule));
        hashed = EVP_DigestUpdate(hash.get(), bytes.data(), bytes.size()) == 1;
        if (to && !files::write_all(out.get(), bytes)) return files::io_error("write", *to);
    }
    std::string digest(32, '\0');
    hashed = hashed && EVP_DigestFinal_ex(hash.get(), reinterpret_cast<unsigned char *>(digest.data()), nullptr) == 1;
    if (!hashed) return error(Code::io, fmt::format("SHA-256 is not available for {}", from.string()));
    return to_hex(digest);
}

/// The same error for each try: its text is compared with that of the try before.
Error about(const std::filesystem::path &copy, const std::filesystem::path &temporary, Error why) {
    const std::size_t at = why.text.find(temporary.string());
    if (at != std::string::npos) why.text.replace(at, temporary.string().size(), copy.string());
    return why;
}

/// The copy is named by the content that was copied: the source may have changed since it was read first.
Result<StagedModule> copy(const std::filesystem::path &source, const std::filesystem::path &folder,
                          const std::filesystem::path &temporary, const DiskCall &call) {
    const auto sha256 = read_through(source, &temporary, call);
    if (!sha256) return sha256.error();
    const StagedModule staged{*sha256, folder / *sha256 / source.filename()};
    if (auto made = files::make_private_folder(folder / *sha256); !made) return made.error();
    if (::rename(temporary.c_str(), staged.path.c_str()) != 0) return files::io_error("replace", staged.path);
    return staged;
}

} // namespace

Result<StagedModule> stage_module(const std::filesystem::path &source, const std::filesystem::path &folder,
                                  const DiskCall &call) {
    if (auto good = check_owner(source); !good) return good.error();
    const auto sha256 = read_through(source, nullptr, call);
    if (!sha256) return sha256.error();
    const StagedModule present{*sha256, folder / *sha256 / source.filename()};
    if (auto made = files::make_private_folder(folder); !made) return made.error();
    if (auto made = files::make_private_folder(folder / *sha256); !made) return made.error();
    // A copy that is there already is compared, not trusted.
    if (const auto there = read_through(present.path, nullptr, call); there && *there == *sha256) return present;
    // A call that was given up may still be writing: each has a file of its own.
    const std::filesystem::path temporary = fmt::format("{}.{}.new", present.path.string(), new_id());
    auto staged = copy(source, folder, temporary, call);
    std::error_code ignored;
    if (!staged) std::filesystem::remove(temporary, ignored);
    if (!staged || staged->sha256 != *sha256) std::filesystem::remove(folder / *sha256, ignored); // if it is empty
    if (!staged) return about(present.path, temporary, staged.error());
    return staged;
}

Result<std::string> digest_of_file(const std::filesystem::path &file, const DiskCall &call) {
    return read_through(file, nullptr, call);
}

// ---- which copies there are

namespace {

constexpr const char *kSetAside = ".gone";

/// Nothing else in the staging folder belongs to angod.
bool is_copy(const std::filesystem::path &folder) {
    const std::string name = folder.stem().string();
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

Result<std::set<std::filesystem::path>> list_copies(const std::filesystem::path &folder) {
    std::set<std::filesystem::path> copies;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed))
        if (is_copy(entry->path())) copies.insert(entry->path());
    if (failed && failed != std::errc::no_such_file_or_directory)
        return error(Code::io, fmt::format("cannot read the folder {}: {}", folder.string(), failed.message()));
    return copies;
}

std::vector<std::filesystem::path> set_aside(const std::set<std::filesystem::path> &copies) {
    std::vector<std::filesystem::path> out;
    for (const auto &copy : copies) {
        auto gone = copy;
        std::error_code failed;
        if (gone.extension() != kSetAside) {
            gone += kSetAside; // a new copy may need its name
            std::filesystem::rename(copy, gone, failed);
        }
        out.push_back(failed ? copy : gone);
    }
    return out;
}

} // namespace angod::supervisor
