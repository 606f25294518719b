// Clocks beside std::chrono::steady_clock, which time-outs use. Records that survive restarts use the wall clock, although it may
// jump. A wait that also counts while the machine sleeps uses since_boot_ms.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace angod {

/// Milliseconds since 1970, UTC.
inline std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// Milliseconds since the machine started, asleep or awake. Never jumps; has no meaning after the next start.
std::int64_t since_boot_ms();

/// Names the present start of the machine: two values of since_boot_ms can be compared if both were taken under the same name.
/// Empty if the system has none.
const std::string &boot_id();

/// "2026-05-02T09:10:11.123Z"
std::string iso_time(std::int64_t ms_since_1970);

} // namespace angod
