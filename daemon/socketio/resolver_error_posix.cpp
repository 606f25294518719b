#include "socketio/resolver_error.hpp"

#include <netdb.h>

#include <cerrno>
#include <system_error>

namespace angod::socketio {

std::string resolver_error(int failed) {
    return failed == EAI_SYSTEM ? std::generic_category().message(errno) : std::string(::gai_strerror(failed));
}

} // namespace angod::socketio
