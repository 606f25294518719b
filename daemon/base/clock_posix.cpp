#include "base/clock.hpp"

#include <time.h>

#include <fstream>

namespace angod {

std::int64_t since_boot_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time); // cannot fail for a clock that is there
    return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

const std::string &boot_id() {
    static const std::string id = [] {
        std::ifstream file("/proc/sys/kernel/random/boot_id");
        std::string text;
        std::getline(file, text);
        return text;
    }();
    return id;
}

} // namespace angod
