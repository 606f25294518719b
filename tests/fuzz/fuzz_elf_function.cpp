// The first eight bytes are a place in the file that the others are. The search for its function must end, and a name that it
// finds must end inside of its room. The same bytes are also read as a line of the memory map.
#include "base/elf_function.hpp"
#include "base/memory_map.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char *>(data), size);
    if (const auto one = angod::parse_mapping(line); one && one->path.size() > size) std::abort();
    std::uint64_t offset = 0;
    if (size < sizeof offset) return 0;
    std::memcpy(&offset, data, sizeof offset);
    static const int file = ::memfd_create("elf", 0);
    static const std::string path = "/proc/self/fd/" + std::to_string(file);
    if (::ftruncate(file, 0) != 0 || ::pwrite(file, data + 8, size - 8, 0) != static_cast<ssize_t>(size - 8)) return 0;
    char name[32];
    std::memset(name, 'x', sizeof name);
    if (angod::find_elf_function(path.c_str(), offset, name, sizeof name) && !std::memchr(name, 0, sizeof name))
        std::abort();
    return 0;
}
