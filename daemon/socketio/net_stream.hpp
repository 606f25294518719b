// A connected byte stream to a server, plain or encrypted.
#pragma once

#include "base/async.hpp"
#include "base/proxy.hpp"
#include "base/result.hpp"
#include "base/url.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace angod::socketio {

/// One read and one write may be under way at the same time.
class NetStream {
public:
    virtual ~NetStream() = default;
    virtual awaitable<Result<std::size_t>> read_some(asio::mutable_buffer buffer) = 0;
    /// Writes all of it.
    virtual awaitable<Result<void>> write(asio::const_buffer bytes) = 0;
    /// Writes as much as possible without waiting, which saves a turn of the event loop. Returns the number of bytes.
    virtual std::size_t try_write(asio::const_buffer bytes) = 0;
    /// Ends every operation that is under way, at once and without a farewell to the server. A second call is harmless.
    virtual void close() = 0;
};

/// Verifies chain and host name. ca_file: PEM; empty: the system's authorities.
Result<std::shared_ptr<asio::ssl::context>> make_tls_context(const std::string &ca_file);

struct Route {
    Url url;
    std::shared_ptr<asio::ssl::context> tls; ///< may be null for a plain URL
    std::optional<Proxy> proxy;              ///< an HTTP proxy, asked for a tunnel whether the URL is plain or not
    std::string user_agent;                  ///< sent to the proxy
};

struct Connected {
    Result<std::unique_ptr<NetStream>> stream;
    std::optional<std::chrono::milliseconds> pause; ///< for which a proxy asked when it refused a tunnel
};

/// Resolves the host name anew, tries its addresses (RFC 8305), asks the proxy for a tunnel if there is one, and makes TLS for
/// wss and https. An error names the host, the proxy if there is one, and the reason.
awaitable<Connected> connect(Route route, std::chrono::steady_clock::duration limit);

} // namespace angod::socketio
