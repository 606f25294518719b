// Pipes between this process and a child. Windows has anonymous pipes, but those cannot be waited for: these have a
// name, which nobody can guess and which stops working once both ends are open.
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

/// Neither end is inherited until somebody marks it so.
Result<PipeEnds> make_pipe(PipeFlow flow);

/// The environment variable in which a child finds the number of its channel's handle.
inline constexpr wchar_t kChannelVariable[] = L"ANGOD_CHANNEL";

} // namespace angod
