// OpenSSL does not read the certificate stores of Windows. Its own default folder is not used, because any user might be
// able to create it.
#include "socketio/tls_roots.hpp"

#include "base/handle_windows.hpp"

#include <wincrypt.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

namespace angod::socketio {

namespace {

struct StoreCloser {
    void operator()(void *store) const { ::CertCloseStore(store, 0); }
};
struct X509Freed {
    void operator()(X509 *certificate) const { ::X509_free(certificate); }
};

/// An administrator can trust an authority for mail, say, but not for servers.
bool is_for_servers(PCCERT_CONTEXT certificate) {
    DWORD size = 0;
    if (!::CertGetEnhancedKeyUsage(certificate, 0, nullptr, &size)) return false;
    std::vector<std::byte> buffer(size);
    auto *usage = reinterpret_cast<CERT_ENHKEY_USAGE *>(buffer.data());
    if (!::CertGetEnhancedKeyUsage(certificate, 0, usage, &size)) return false;
    // An empty list means everything, or nothing; the last error tells which.
    if (usage->cUsageIdentifier == 0) return ::GetLastError() == static_cast<DWORD>(CRYPT_E_NOT_FOUND);
    for (DWORD i = 0; i < usage->cUsageIdentifier; ++i)
        if (std::strcmp(usage->rgpszUsageIdentifier[i], szOID_PKIX_KP_SERVER_AUTH) == 0) return true;
    return false;
}

} // namespace

void trust_system_authorities(boost::asio::ssl::context &context, boost::system::error_code &failed) {
    failed.clear();
    const std::unique_ptr<void, StoreCloser> system(::CertOpenSystemStoreW(0, L"ROOT"));
    if (!system) {
        failed.assign(static_cast<int>(::GetLastError()), boost::system::system_category());
        return;
    }
    X509_STORE *trusted = ::SSL_CTX_get_cert_store(context.native_handle());
    PCCERT_CONTEXT certificate = nullptr;
    // Each call frees the certificate before it.
    while ((certificate = ::CertEnumCertificatesInStore(system.get(), certificate))) {
        if (!is_for_servers(certificate)) continue;
        const unsigned char *bytes = certificate->pbCertEncoded;
        const std::unique_ptr<X509, X509Freed> parsed(
            ::d2i_X509(nullptr, &bytes, static_cast<long>(certificate->cbCertEncoded)));
        if (parsed) ::X509_STORE_add_cert(trusted, parsed.get());
    }
    ::ERR_clear_error(); // of certificates that OpenSSL cannot read; they are left out
}

} // namespace angod::socketio
