// Wall clock for records that survive restarts; durations inside one run use steady_clock.
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

/// "2026-05-02T09:10:11.123Z"
std::string iso_time(std::int64_t ms_since_1970);

} // namespace angod
