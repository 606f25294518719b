// Why a TLS handshake failed, in words of somebody who has to mend it.
#pragma once

#include "base/result.hpp"

#include <boost/system/error_code.hpp>

namespace angod::socketio {

/// failed: of the handshake. verdict: what the check of the certificate came to, an X509_V_… number.
Error handshake_error(const boost::system::error_code &failed, long verdict);

} // namespace angod::socketio
