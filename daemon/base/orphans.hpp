// Processes that a host leaves behind outside of its process group.
#pragma once

#include <boost/asio/execution_context.hpp>

namespace angod {

/// From now on a process that a module has started and moved out of the group of its host becomes a child of this process when
/// the host ends, and is killed then; the last ones when the context is destroyed. context: of the event loop that starts
/// hosts. Once, before the first host. Children that exist already are left alone.
void adopt_orphans(boost::asio::execution_context &context);

} // namespace angod
