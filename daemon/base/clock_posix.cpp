#include "base/clock.hpp"

#include <time.h>

namespace angod {

std::int64_t since_boot_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time); // cannot fail for a clock that is there
    return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

} // namespace angod
