// The file may have changed since it was loaded, or be damaged: each number in it is checked before it is used, and the work
// is bounded. Format: elf(5).
#include "base/elf_function.hpp"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace angod {

namespace {

constexpr std::uint64_t kMostHeaders = 4096;

/// A file that is open for reading, until the end of the scope.
class File {
public:
    explicit File(const char *path) : fd_(::open(path, O_RDONLY | O_CLOEXEC)) {}
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    /// False unless all of it could be read.
    bool read(std::uint64_t offset, void *out, std::size_t size) const {
        if (fd_ < 0 || offset > INT64_MAX) return false;
        return ::pread(fd_, out, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
    }
    /// As much as there is; 0 if nothing can be read.
    std::size_t read_some(std::uint64_t offset, void *out, std::size_t size) const {
        if (fd_ < 0 || offset > INT64_MAX) return 0;
        const ssize_t got = ::pread(fd_, out, size, static_cast<off_t>(offset));
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }

private:
    int fd_;
};

/// The address for which the file was linked, in place of an offset.
bool find_address(const File &file, const Elf64_Ehdr &head, std::uint64_t offset, std::uint64_t &address) {
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(head.e_phnum, kMostHeaders); ++i) {
        Elf64_Phdr part;
        if (!file.read(head.e_phoff + i * sizeof part, &part, sizeof part)) return false;
        if (part.p_type != PT_LOAD || offset < part.p_offset || offset - part.p_offset >= part.p_filesz) continue;
        address = part.p_vaddr + (offset - part.p_offset);
        return true;
    }
    return false;
}

/// The name of the function at the address, from one table of symbols.
/// left: how many symbols may still be read.
bool find_in(const File &file, const Elf64_Ehdr &head, const Elf64_Shdr &table, std::uint64_t address,
             std::uint64_t &left, char *name, std::size_t size) {
    Elf64_Shdr texts;
    if (table.sh_link >= head.e_shnum ||
        !file.read(head.e_shoff + std::uint64_t{table.sh_link} * sizeof texts, &texts, sizeof texts))
        return false;
    Elf64_Sym symbols[128];
    const std::uint64_t count = std::min<std::uint64_t>(table.sh_size / sizeof symbols[0], left);
    for (std::uint64_t at = 0; at < count;) {
        const std::size_t wanted = std::min<std::uint64_t>(std::size(symbols), count - at) * sizeof symbols[0];
        const std::size_t got =
            file.read_some(table.sh_offset + at * sizeof symbols[0], symbols, wanted) / sizeof symbols[0];
        if (got == 0) return false;
        for (std::size_t i = 0; i < got; ++i) {
            const Elf64_Sym &one = symbols[i];
            if (ELF64_ST_TYPE(one.st_info) != STT_FUNC || one.st_shndx == SHN_UNDEF || address < one.st_value ||
                address - one.st_value >= one.st_size || one.st_name >= texts.sh_size)
                continue;
            const std::size_t length = file.read_some(texts.sh_offset + one.st_name, name, size - 1);
            name[length] = 0;
            return name[0] != 0;
        }
        at += got;
        left -= got;
    }
    return false;
}

} // namespace

bool find_elf_function(const char *file_name, std::uint64_t offset, char *name, std::size_t size) {
    const File file(file_name);
    Elf64_Ehdr head;
    std::uint64_t address = 0, left = kMostSymbols;
    if (size < 2 || !file.read(0, &head, sizeof head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != ELFCLASS64 || !find_address(file, head, offset, address))
        return false;
    // The complete table is gone after a strip; that of the exported functions stays.
    for (const std::uint32_t sort : {SHT_SYMTAB, SHT_DYNSYM})
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(head.e_shnum, kMostHeaders); ++i) {
            Elf64_Shdr section;
            if (!file.read(head.e_shoff + i * sizeof section, &section, sizeof section)) return false;
            if (section.sh_type == sort && find_in(file, head, section, address, left, name, size)) return true;
        }
    return false;
}

} // namespace angod
