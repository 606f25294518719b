#include "socketio/tls_refusal.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

using namespace angod;
using namespace angod::socketio;

namespace {

std::string reason(int openssl_reason) {
    const boost::system::error_code failed(static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, openssl_reason)),
                                           boost::asio::error::get_ssl_category());
    return handshake_error(failed, X509_V_OK).text;
}
std::string verdict(long number) { return handshake_error({}, number).text; }

} // namespace

TEST_CASE("a certificate that is not accepted is told apart by what can be done") {
    CHECK(verdict(X509_V_ERR_HOSTNAME_MISMATCH) == "its certificate is for another host name");
    CHECK(verdict(X509_V_ERR_CERT_HAS_EXPIRED).find("by the clock of this machine it is 20") != std::string::npos);
    CHECK(verdict(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT).find("hub.ca_file") != std::string::npos);
    CHECK(verdict(X509_V_ERR_CERT_REVOKED).starts_with("its certificate is not trusted: "));
}

TEST_CASE("a handshake that fails for another reason says which") {
    CHECK(handshake_error(boost::asio::error::eof, X509_V_OK).text ==
          "the server ended the connection during the TLS handshake");
    CHECK(reason(SSL_R_WRONG_VERSION_NUMBER) == "the server does not speak TLS at this port");
    CHECK(reason(SSL_R_UNSUPPORTED_PROTOCOL).find("versions of TLS") != std::string::npos);
    CHECK(reason(SSL_R_NO_SHARED_CIPHER).starts_with("the TLS handshake failed: "));
}
