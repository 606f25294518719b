#include "base/clock.hpp"

#include "base/handle_windows.hpp"

namespace angod {

std::int64_t since_boot_ms() { return static_cast<std::int64_t>(::GetTickCount64()); }

} // namespace angod
