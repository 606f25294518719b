// Responses are written with Beast, each write within a limit of time. Two things go beyond that: a connection that ends
// with bytes unread is reset by the kernel, which may destroy the response before it arrives, so a refusal is followed by a
// short time of reading; and a write that succeeded says nothing of the other side, so the kernel is asked until it has
// acknowledged all bytes.
#include "http/response.hpp"

#include "http/delivery.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <string>

namespace angod::http {

namespace {

namespace beast_http = boost::beast::http;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

constexpr auto kLingerLimit = 2s;
constexpr auto kTakenLimit = 10s;

/// A piece of a body. False if it could not be written.
template <class Buffers>
awaitable<bool> write_piece(Connection &connection, const Server::State &state, Buffers buffers) {
    asio::steady_timer limit(connection.socket.get_executor(), state.options.piece_limit);
    const auto first = co_await (asio::async_write(connection.socket, buffers, as_value) || limit.async_wait(as_value));
    co_return first.index() == 0 && !std::get<0>(std::get<0>(first));
}

awaitable<void> linger(Connection &connection) {
    boost::system::error_code ignored;
    connection.socket.shutdown(Socket::shutdown_send, ignored);
    asio::steady_timer limit(connection.socket.get_executor(), kLingerLimit);
    std::string scrap(16 * 1024, '\0');
    bool more = true;
    while (more) {
        const auto first =
            co_await (connection.socket.async_read_some(asio::buffer(scrap), as_value) || limit.async_wait(as_value));
        more = first.index() == 0 && !std::get<0>(std::get<0>(first));
    }
}

} // namespace

awaitable<bool> write(Connection &connection, const Server::State &state, const Response &made, unsigned version,
                      bool keep) {
    beast_http::response<beast_http::string_body> response{static_cast<beast_http::status>(made.status), version};
    if (!made.body.empty()) response.set(beast_http::field::content_type, made.content_type);
    if (made.status == 503) response.set(beast_http::field::retry_after, "1");
    response.keep_alive(keep);
    response.body() = made.body;
    response.prepare_payload();
    asio::steady_timer limit(connection.socket.get_executor(), state.options.write_limit);
    const auto first =
        co_await (beast_http::async_write(connection.socket, response, as_value) || limit.async_wait(as_value));
    co_return first.index() == 0 && !std::get<0>(std::get<0>(first));
}

awaitable<void> refuse(Connection &connection, const Server::State &state, const Response &response, unsigned version) {
    co_await write(connection, state, response, version, false);
    co_await linger(connection);
}

awaitable<void> write_pieces(const Server::State &state, Connection &connection, const Response &made,
                             const Caller &caller, unsigned version) {
    const bool chunked = version >= 11; // an HTTP/1.0 caller reads until the connection ends
    beast_http::response<beast_http::empty_body> head{static_cast<beast_http::status>(made.status), version};
    head.set(beast_http::field::content_type, made.content_type);
    head.keep_alive(false);
    head.chunked(chunked);
    beast_http::response_serializer<beast_http::empty_body> serializer(head);
    asio::steady_timer limit(connection.socket.get_executor(), state.options.write_limit);
    const auto first = co_await (beast_http::async_write_header(connection.socket, serializer, as_value) ||
                                 limit.async_wait(as_value));
    bool good = first.index() == 0 && !std::get<0>(std::get<0>(first));
    while (good && !caller.gone) {
        const std::string piece = co_await made.pieces();
        if (piece.empty()) break;
        const auto bytes = asio::buffer(piece);
        const auto chunk = beast_http::make_chunk(bytes);
        if (chunked)
            good = co_await write_piece(connection, state, chunk);
        else
            good = co_await write_piece(connection, state, bytes);
    }
    const auto last = beast_http::make_chunk_last();
    if (good && chunked) co_await write_piece(connection, state, last);
}

awaitable<bool> taken(Connection &connection) {
    const auto deadline = std::chrono::steady_clock::now() + kTakenLimit;
    Delivery delivery = delivery_of(connection.socket.native_handle());
    for (auto wait = 1ms; delivery == Delivery::pending && std::chrono::steady_clock::now() < deadline;
         wait = std::min<std::chrono::milliseconds>(2 * wait, 100ms)) {
        co_await pause(wait);
        delivery = delivery_of(connection.socket.native_handle());
    }
    co_return delivery == Delivery::taken;
}

} // namespace angod::http
