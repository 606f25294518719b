// The function at a place of an ELF file, for the handler of a crash: nothing here allocates memory or takes a lock.
#pragma once

#include <cstddef>
#include <cstdint>

namespace angod {

/// Writes the name of the function at this offset of the file (its symbol, as it is in the file) with a final zero. Reads at
/// most kMostSymbols symbols. False if the file cannot be read, is no ELF file of 64 bits, or has no symbol for the place.
bool find_elf_function(const char *file, std::uint64_t offset, char *name, std::size_t size);

inline constexpr std::uint64_t kMostSymbols = 1u << 21;

} // namespace angod
