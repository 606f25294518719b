// For the sources of this folder: memory as /proc shows it, and a number that parent and child agree on.
#pragma once

#include "base/channel.hpp"

#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <string>

namespace angod {

/// The program itself, while it is being executed.
inline constexpr int kProgramFd = kChannelFd + 1;

/// Resident memory in bytes; 0 if the process is gone. statm: "/proc/PID/statm".
inline std::size_t resident_of(const std::string &statm) {
    std::FILE *file = std::fopen(statm.c_str(), "re");
    if (!file) return 0;
    unsigned long size = 0, resident = 0;
    const int got = std::fscanf(file, "%lu %lu", &size, &resident);
    std::fclose(file);
    return got == 2 ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace angod
