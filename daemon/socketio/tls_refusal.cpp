#include "socketio/tls_refusal.hpp"

#include "base/clock.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace angod::socketio {

namespace {

std::string certificate_problem(long verdict) {
    const char *text = X509_verify_cert_error_string(verdict);
    switch (verdict) {
        case X509_V_ERR_UNSPECIFIED: // the result of OpenSSL when the host name check fails
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: return "its certificate is for another host name";
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            // The day is enough. A reason that changes with every attempt would be logged each time.
            return fmt::format("its certificate is not trusted: {} (by the clock of this machine it is {})", text,
                               iso_time(now_ms()).substr(0, sizeof "2026-01-31" - 1));
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return fmt::format("its certificate is not trusted: {}; if it is meant to be, name a file with its "
                               "authority as hub.ca_file",
                               text);
        default: return fmt::format("its certificate is not trusted: {}", text);
    }
}

} // namespace

Error handshake_error(const boost::system::error_code &failed, long verdict) {
    if (verdict != X509_V_OK) return error(Code::network, certificate_problem(verdict));
    if (failed == boost::asio::error::eof || failed == boost::asio::ssl::error::stream_truncated)
        return error(Code::network, "the server ended the connection during the TLS handshake");
    if (failed.category() == boost::asio::error::get_ssl_category()) {
        switch (ERR_GET_REASON(static_cast<unsigned long>(failed.value()))) {
            case SSL_R_WRONG_VERSION_NUMBER:
            case SSL_R_HTTP_REQUEST:
            case SSL_R_PACKET_LENGTH_TOO_LONG:
                return error(Code::network, "the server does not speak TLS at this port");
            case SSL_R_UNSUPPORTED_PROTOCOL:
            case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
                return error(Code::network,
                             "the server speaks only versions of TLS that are not safe any more; 1.2 is the least");
            default: break;
        }
    }
    return error(Code::network, fmt::format("the TLS handshake failed: {}", failed.message()));
}

} // namespace angod::socketio
