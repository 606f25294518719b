#include "socketio/tls_roots.hpp"

namespace angod::socketio {

void trust_system_authorities(boost::asio::ssl::context &context, boost::system::error_code &failed) {
    context.set_default_verify_paths(failed);
}

} // namespace angod::socketio
