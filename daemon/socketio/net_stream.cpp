#include "socketio/net_stream.hpp"

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

    awaitable<Result<void>> handshake(const std::string &host, std::chrono::steady_clock::time_point deadline) {
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
        const long verdict = SSL_get_verify_result(stream_.native_handle());
        if (verdict == X509_V_ERR_UNSPECIFIED) // what OpenSSL notes when the host name check says no
            co_return error(Code::network, "its certificate is for another host name");
        if (verdict != X509_V_OK)
            co_return error(Code::network,
                            fmt::format("its certificate is not trusted: {}", X509_verify_cert_error_string(verdict)));
        co_return error(Code::network, fmt::format("the TLS handshake failed: {}", failed.message()));
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

/// Each address gets a part of the time, so that one that swallows packets does not use it all.
awaitable<Result<tcp::socket>> connect_tcp(const Url &url, std::chrono::steady_clock::time_point deadline) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, deadline);
    tcp::resolver resolver(executor);
    const auto resolved =
        co_await (resolver.async_resolve(url.host, std::to_string(url.port), as_value) || timer.async_wait(as_value));
    if (resolved.index() == 1) co_return error(Code::timeout, "the host name was not resolved in time");
    const auto &[unknown, addresses] = std::get<0>(resolved);
    if (unknown) co_return error(Code::network, fmt::format("the host name cannot be resolved: {}", unknown.message()));
    Error last = error(Code::network, "the host name has no address");
    std::size_t left = addresses.size();
    for (const auto &address : addresses) {
        const auto now = std::chrono::steady_clock::now();
        timer.expires_at(now + (deadline - now) / static_cast<long>(left--));
        tcp::socket socket(executor);
        const auto first = co_await (socket.async_connect(address.endpoint(), as_value) || timer.async_wait(as_value));
        if (first.index() == 1) {
            last = error(Code::timeout, "no answer to the connection attempt");
            continue;
        }
        const auto [failed] = std::get<0>(first);
        if (failed) {
            last = error(Code::network, failed.message());
            continue;
        }
        ErrorCode ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        socket.non_blocking(true, ignored);
        co_return socket;
    }
    co_return last;
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

awaitable<Result<std::unique_ptr<NetStream>>> connect(Url url, std::shared_ptr<asio::ssl::context> tls,
                                                      std::chrono::steady_clock::duration limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    const std::string doing = fmt::format("cannot connect to {}", url.authority());
    auto socket = co_await connect_tcp(url, deadline);
    if (!socket) co_return wrap(doing, socket.error());
    if (!url.encrypted()) co_return std::unique_ptr<NetStream>(std::make_unique<PlainStream>(std::move(*socket)));
    auto stream = std::make_unique<TlsStream>(std::move(*socket), std::move(tls));
    if (const auto done = co_await stream->handshake(url.host, deadline); !done) co_return wrap(doing, done.error());
    co_return std::unique_ptr<NetStream>(std::move(stream));
}

} // namespace angod::socketio
