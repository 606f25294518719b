// The certificate authorities that the machine trusts.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace angod::socketio {

/// Linux: where OpenSSL was built to look, which SSL_CERT_FILE and SSL_CERT_DIR change. Windows: the system's store
/// as it is now, in which Windows may not have put yet what nobody has needed on this machine.
void trust_system_authorities(boost::asio::ssl::context &context, boost::system::error_code &failed);

} // namespace angod::socketio
