#include "base/clock.hpp"

#include "base/handle_windows.hpp"

namespace angod {

std::int64_t since_boot_ms() { return static_cast<std::int64_t>(::GetTickCount64()); }

const std::string &boot_id() {
    static const std::string none;
    return none;
}

} // namespace angod
