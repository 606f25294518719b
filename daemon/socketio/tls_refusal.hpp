// The reason of a failed TLS handshake, in words for the person who has to repair it.
#pragma once

#include "base/result.hpp"

#include <boost/system/error_code.hpp>

namespace angod::socketio {

/// failed: the error of the handshake. verdict: the result of the certificate check, an X509_V_… number.
Error handshake_error(const boost::system::error_code &failed, long verdict);

} // namespace angod::socketio
