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

/// Resident memory in bytes, from the text of a file "statm"; 0 if it is none.
inline std::size_t resident_in(const char *statm) {
    unsigned long size = 0, resident = 0;
    const int got = std::sscanf(statm, "%lu %lu", &size, &resident);
    return got == 2 ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

/// The same of the file; 0 if the process is gone. statm: "/proc/PID/statm".
inline std::size_t resident_of(const std::string &statm) {
    std::FILE *file = std::fopen(statm.c_str(), "re");
    if (!file) return 0;
    char text[128];
    const std::size_t size = std::fread(text, 1, sizeof text - 1, file);
    std::fclose(file);
    text[size] = 0;
    return resident_in(text);
}

} // namespace angod
