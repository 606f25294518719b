#include "socketio/resolver_error.hpp"

#include <boost/system/system_category.hpp>

namespace angod::socketio {

// On Windows the codes are those of sockets. gai_strerror would use a buffer that all threads share.
std::string resolver_error(int failed) { return boost::system::system_category().message(failed); }

} // namespace angod::socketio
