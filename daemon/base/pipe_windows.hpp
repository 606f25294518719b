// Pipes between this process and a child. The anonymous pipes of Windows cannot be waited for, so these have a name. It cannot
// be guessed, and stops working once both ends are open.
#pragma once

#include "base/handle_windows.hpp"
#include "base/result.hpp"

namespace angod {

enum class PipeFlow {
    both_ways, ///< theirs is overlapped: on another handle a read that waits blocks every write
    to_us,     ///< theirs is an ordinary one, which a C runtime takes as its stdout
};

struct PipeEnds {
    Handle ours; ///< overlapped, for Asio
    Handle theirs;
};

/// Neither end is inherited unless it is marked so.
Result<PipeEnds> make_pipe(PipeFlow flow);

/// The environment variable in which a child finds the number of its channel's handle.
inline constexpr wchar_t kChannelVariable[] = L"ANGOD_CHANNEL";

} // namespace angod
