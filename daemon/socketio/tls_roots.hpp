// The certificate authorities that the machine trusts.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace angod::socketio {

/// Linux: the default places of OpenSSL, which SSL_CERT_FILE and SSL_CERT_DIR change. Windows: the system's store as it is
/// now. Windows adds an authority to it only when a program on this machine first needs it.
void trust_system_authorities(boost::asio::ssl::context &context, boost::system::error_code &failed);

} // namespace angod::socketio
