// Sizes and durations as people read them.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace angod {

/// "1 byte", "512 bytes", "1.5 KB", "4.2 MB", "1.0 GB": a kilobyte has 1000 bytes. Never "0.0" of anything.
inline std::string size_text(std::uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} byte{}", bytes, bytes == 1 ? "" : "s");
    constexpr std::array<const char *, 5> kUnits{"KB", "MB", "GB", "TB", "PB"};
    double value = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1000; // 999.95 would be shown as 1000.0
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

/// The two largest units: "0 s", "59 s", "3 min 12 s", "2 h 5 min", "4 d 1 h". A unit that is 0 is left out at the end.
inline std::string duration_text(std::int64_t seconds) {
    struct Unit {
        std::int64_t seconds;
        const char *name;
    };
    constexpr std::array<Unit, 4> kUnits{{{86'400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};
    if (seconds < 1) return "0 s";
    std::size_t first = 0;
    while (seconds < kUnits[first].seconds) ++first;
    std::string out = fmt::format("{} {}", seconds / kUnits[first].seconds, kUnits[first].name);
    if (first + 1 == kUnits.size()) return out;
    const std::int64_t rest = seconds % kUnits[first].seconds / kUnits[first + 1].seconds;
    return rest == 0 ? out : out + fmt::format(" {} {}", rest, kUnits[first + 1].name);
}

} // namespace angod
