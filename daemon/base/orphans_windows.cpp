#include "base/orphans.hpp"

namespace angod {

void adopt_orphans(boost::asio::execution_context &) {} // the job object of a host holds everything that it starts

} // namespace angod
