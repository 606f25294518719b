#include "host/module/library_file.hpp"

#include "base/files.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <vector>

namespace angod::host {

namespace {

/// The processor of this program; EM_NONE for processors that are not listed here.
#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
constexpr Elf64_Half kMachine = EM_NONE;
#endif

/// Returns the end of a range of bytes; the largest number if the sum is too large.
std::uint64_t end_of(std::uint64_t from, std::uint64_t size) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    return size > kMost - from ? kMost : from + size;
}

/// The size that the file must have by its headers; 0 if they cannot be read.
std::uint64_t promised_size(std::ifstream &file, const Elf64_Ehdr &header) {
    if (header.e_phentsize != sizeof(Elf64_Phdr)) return 0;
    std::vector<Elf64_Phdr> segments(header.e_phnum);
    file.seekg(static_cast<std::streamoff>(header.e_phoff));
    file.read(reinterpret_cast<char *>(segments.data()),
              static_cast<std::streamsize>(segments.size() * sizeof(Elf64_Phdr)));
    if (!file) return 0;
    std::uint64_t size = end_of(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize);
    for (const Elf64_Phdr &segment : segments) size = std::max(size, end_of(segment.p_offset, segment.p_filesz));
    return size;
}

} // namespace

Result<void> check_library_file(const std::filesystem::path &path) {
    std::error_code failed;
    const std::uint64_t size = std::filesystem::file_size(path, failed);
    if (failed) return error(Code::not_found, failed.message());
    std::ifstream file(path, std::ios::binary);
    if (!file) return error(Code::io, files::system_error());
    Elf64_Ehdr header{};
    file.read(reinterpret_cast<char *>(&header), sizeof header);
    if (file.gcount() < EI_NIDENT || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return error(Code::invalid, "it is not a shared library (no ELF header)");
    if (!file) return error(Code::invalid, fmt::format("the file is incomplete ({} bytes)", size));
    if (header.e_ident[EI_CLASS] != ELFCLASS64) return error(Code::invalid, "it is a library for 32-bit programs");
    if (header.e_type != ET_DYN) return error(Code::invalid, "it is an ELF file but not a shared library");
    if (kMachine != EM_NONE && header.e_machine != kMachine) // the loader would report a missing file
        return error(Code::invalid,
                     fmt::format("it is a library for another processor (ELF machine {})", header.e_machine));
    const std::uint64_t promised = promised_size(file, header);
    if (promised == 0 || promised > size)
        return error(Code::invalid, promised == 0
                                        ? fmt::format("the file is incomplete ({} bytes)", size)
                                        : fmt::format("the file is incomplete ({} of {} bytes)", size, promised));
    return {};
}

} // namespace angod::host
