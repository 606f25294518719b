#include "base/service.hpp"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>

namespace angod::service {

void ready(const std::string &status) { sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()); }
void reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now); // the manager compares it with its own clock
    const std::int64_t us = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
    sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us)).c_str());
}
void stopping(const std::string &status, std::chrono::seconds longest) {
    const auto us = std::chrono::microseconds(longest).count();
    sd_notify(0, ("STOPPING=1\nSTATUS=" + status + "\nEXTEND_TIMEOUT_USEC=" + std::to_string(us)).c_str());
}
void alive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog() {
    std::uint64_t us = 0;
    if (sd_watchdog_enabled(0, &us) <= 0) return std::nullopt;
    return std::chrono::microseconds(us);
}

} // namespace angod::service
