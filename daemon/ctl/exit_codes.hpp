// The exit codes of angoctl.
#pragma once

namespace angod::ctl {

inline constexpr int kFailure = 1, kUsage = 2;

} // namespace angod::ctl
