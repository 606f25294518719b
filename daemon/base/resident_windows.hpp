// For the sources of this folder: the memory of a process.
#pragma once

#include "base/handle_windows.hpp"

#include <psapi.h>

#include <cstddef>

namespace angod {

/// Resident memory in bytes; 0 if the process is gone.
inline std::size_t resident_of(NativeHandle process) {
    PROCESS_MEMORY_COUNTERS counters{};
    return ::K32GetProcessMemoryInfo(process, &counters, sizeof counters) ? counters.WorkingSetSize : 0;
}

} // namespace angod
