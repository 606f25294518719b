// From a route to a byte stream: resolve the host (of the proxy, if there is one), connect to its first address that answers,
// ask the proxy for a tunnel, and make TLS inside. All steps share one deadline.
//
// Thread: the event loop. Invariants: errors are values, with the name of the side that failed. No wait is longer than the
// deadline. No farewell is sent at the end, because the server may be gone.
#include "socketio/net_stream.hpp"

#include "socketio/connect_first.hpp"
#include "socketio/proxy_tunnel.hpp"
#include "socketio/resolve.hpp"
#include "socketio/tls_refusal.hpp"
#include "socketio/tls_roots.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

namespace angod::socketio {

namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using ErrorCode = boost::system::error_code;
using namespace asio::experimental::awaitable_operators;

Error network_error(const ErrorCode &failed) {
    if (failed == asio::error::eof || failed == asio::ssl::error::stream_truncated)
        return error(Code::network, "the server ended the connection");
    return error(Code::network, failed.message());
}

class PlainStream final : public NetStream {
public:
    explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)) {}

    awaitable<Result<std::size_t>> read_some(asio::mutable_buffer buffer) override {
        const auto [failed, n] = co_await socket_.async_read_some(buffer, as_value);
        if (failed) co_return network_error(failed);
        co_return n;
    }
    awaitable<Result<void>> write(asio::const_buffer bytes) override {
        const auto [failed, n] = co_await asio::async_write(socket_, bytes, as_value);
        if (failed) co_return network_error(failed);
        co_return Result<void>();
    }
    std::size_t try_write(asio::const_buffer bytes) override {
        ErrorCode failed; // an error shows again in the write or read that follows
        return socket_.write_some(bytes, failed);
    }
    void close() override {
        ErrorCode ignored;
        socket_.close(ignored);
    }

private:
    tcp::socket socket_;
};

class TlsStream final : public NetStream {
public:
    TlsStream(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)), stream_(std::move(socket), *context_) {}

    awaitable<Result<void>> handshake(const std::string &host, Clock::time_point deadline) {
        ErrorCode no_address;
        asio::ip::make_address(host, no_address);
        if (no_address) SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()); // names only, RFC 6066
        stream_.set_verify_mode(asio::ssl::verify_peer);
        stream_.set_verify_callback(asio::ssl::host_name_verification(host));
        asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
        const auto first =
            co_await (stream_.async_handshake(asio::ssl::stream_base::client, as_value) || timer.async_wait(as_value));
        if (first.index() == 1) co_return error(Code::timeout, "the TLS handshake took too long");
        const auto [failed] = std::get<0>(first);
        if (!failed) co_return Result<void>();
        co_return handshake_error(failed, SSL_get_verify_result(stream_.native_handle()));
    }
    awaitable<Result<std::size_t>> read_some(asio::mutable_buffer buffer) override {
        const auto [failed, n] = co_await stream_.async_read_some(buffer, as_value);
        if (failed) co_return network_error(failed);
        co_return n;
    }
    awaitable<Result<void>> write(asio::const_buffer bytes) override {
        const auto [failed, n] = co_await asio::async_write(stream_, bytes, as_value);
        if (failed) co_return network_error(failed);
        co_return Result<void>();
    }
    std::size_t try_write(asio::const_buffer) override { return 0; }
    void close() override {
        ErrorCode ignored; // no TLS farewell: it would wait for a server that may be gone
        stream_.lowest_layer().close(ignored);
    }

private:
    std::shared_ptr<asio::ssl::context> context_;
    asio::ssl::stream<tcp::socket> stream_;
};

struct Reached {
    Result<tcp::socket> socket;
    std::optional<std::chrono::milliseconds> pause; ///< for which a proxy asked
};

awaitable<Reached> reach(const Route &route, Clock::time_point deadline) {
    std::string host = route.proxy ? route.proxy->host : route.url.host;
    const std::uint16_t port = route.proxy ? route.proxy->port : route.url.port;
    const auto addresses = co_await resolve(std::move(host), deadline);
    if (!addresses) co_return Reached{addresses.error(), {}};
    auto socket = co_await connect_first(*addresses, port, deadline);
    Reached reached{std::move(socket), {}};
    if (!reached.socket || !route.proxy) co_return reached;
    const Tunnel tunnel = co_await open_tunnel(*reached.socket, route.url, *route.proxy, route.user_agent, deadline);
    reached.pause = tunnel.pause;
    if (!tunnel.opened) reached.socket = tunnel.opened.error();
    co_return reached;
}

} // namespace

Result<std::shared_ptr<asio::ssl::context>> make_tls_context(const std::string &ca_file) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS); // an idle connection gives 32 KB back
    ErrorCode failed;
    if (ca_file.empty())
        trust_system_authorities(*context, failed);
    else
        context->load_verify_file(ca_file, failed);
    if (failed)
        return error(Code::invalid, fmt::format("cannot use the certificate authorities of {}: {}",
                                                ca_file.empty() ? "the system" : ca_file, failed.message()));
    return context;
}

awaitable<Connected> connect(Route route, Clock::duration limit) {
    const auto deadline = Clock::now() + limit;
    std::string doing = fmt::format("cannot connect to {}", route.url.authority());
    if (route.proxy) doing += fmt::format(" through the proxy {}", route.proxy->authority());
    Reached reached = co_await reach(route, deadline);
    if (!reached.socket) co_return Connected{wrap(doing, reached.socket.error()), reached.pause};
    if (!route.url.encrypted()) {
        std::unique_ptr<NetStream> plain = std::make_unique<PlainStream>(std::move(*reached.socket));
        co_return Connected{std::move(plain), {}};
    }
    auto stream = std::make_unique<TlsStream>(std::move(*reached.socket), route.tls);
    if (const auto done = co_await stream->handshake(route.url.host, deadline); !done)
        co_return Connected{wrap(doing, done.error()), {}};
    std::unique_ptr<NetStream> encrypted = std::move(stream);
    co_return Connected{std::move(encrypted), {}};
}

} // namespace angod::socketio
