// A request passes four steps: its head is read, the server's owner admits or refuses it, its body is read, and the handler
// answers it. Each step has limits of size and time of its own, so that a caller who is not admitted costs no more than a
// head. The bodies of all connections share one limit.
//
// While the handler works a second coroutine waits for the caller to go. The socket is read by one coroutine at a time: the
// watch is ended, and waited for, before the response is written or the next request is read.
#include "http/request.hpp"

#include "http/response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <exception>

namespace angod::http {

namespace {

namespace beast_http = boost::beast::http;
using namespace asio::experimental::awaitable_operators;

using Parser = beast_http::request_parser<beast_http::string_body>;

constexpr std::uint32_t kMaxHead = 16 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Request request_of(const beast_http::request<beast_http::string_body> &message) {
    Request request;
    request.method = std::string(message.method_string());
    request.set_target({message.target().data(), message.target().size()});
    for (const auto &field : message) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        request.headers.push_back({std::move(name), std::string(field.value())});
    }
    request.caller = std::make_shared<Caller>();
    return request;
}

/// 0: the connection is gone, and nothing can be answered.
int status_of(const boost::system::error_code &failed) {
    using beast_http::error;
    if (failed == error::body_limit) return 413;
    if (failed == error::header_limit || failed == error::buffer_overflow) return 431;
    if (failed == error::end_of_stream || failed == error::partial_message) return 0;
    return failed.category() == make_error_code(error::bad_method).category() ? 400 : 0;
}

/// An exception of the handler is a bug: the operator gets its text, the caller only a status.
Response internal_error(const Server::State &state, const std::exception &why) {
    Log().error("internal error in an answer of the {} listener: {}", state.options.name, why.what());
    Response response;
    response.status = 500;
    return response;
}

/// Notices that the caller goes while its request is worked on. Bytes that come meanwhile belong to its next request.
awaitable<void> watch(ConnectionPtr connection, std::shared_ptr<Caller> caller) {
    const auto [failed] = co_await connection->socket.async_wait(Socket::wait_read, as_value);
    if (!failed) {
        char byte = 0;
        boost::system::error_code broken;
        connection->socket.receive(asio::buffer(&byte, 1), Socket::message_peek, broken);
        if (broken && broken != asio::error::would_block) let_go(*caller);
    }
    connection->watched = false;
    connection->unwatched.wake_all();
}

/// Notices that a caller goes while it is sent pieces. Bytes that come from it are thrown away: its connection ends afterwards.
awaitable<void> watch_follower(ConnectionPtr connection, std::shared_ptr<Caller> caller) {
    std::array<char, 1024> scrap;
    bool there = true;
    while (there) {
        const auto [failed, n] = co_await connection->socket.async_read_some(asio::buffer(scrap), as_value);
        there = !failed;
    }
    let_go(*caller);
    connection->watched = false;
    connection->unwatched.wake_all();
}

/// Ends the watch of a connection.
awaitable<void> unwatch(ConnectionPtr connection) {
    boost::system::error_code ignored;
    if (connection->watched) connection->socket.cancel(ignored);
    while (connection->watched) co_await connection->unwatched.wait();
}

/// Counts a body against the limit of all bodies while it is being read.
class Arriving {
public:
    Arriving(Server::State &state, std::size_t bytes) : state_(state), bytes_(bytes) { state_.arriving += bytes_; }
    Arriving(const Arriving &) = delete;
    Arriving &operator=(const Arriving &) = delete;
    ~Arriving() { state_.arriving -= bytes_; }

private:
    Server::State &state_;
    const std::size_t bytes_;
};

/// The steps of one request. Each returns false when the connection is to be closed.
class Exchange {
public:
    Exchange(StatePtr state, ConnectionPtr connection) : state_(std::move(state)), connection_(std::move(connection)) {}
    awaitable<bool> run();

private:
    awaitable<bool> read_head();
    std::optional<Response> admit() const;
    awaitable<bool> turn_away(Response refusal);
    awaitable<bool> read_body();
    awaitable<bool> ask_for_body();
    awaitable<Response> handle();
    awaitable<bool> answer();
    awaitable<void> send_pieces(Response made, std::shared_ptr<Caller> caller);

    awaitable<bool> refuse_with(int status);
    awaitable<bool> refuse_failed(boost::system::error_code failed);

    const StatePtr state_;
    const ConnectionPtr connection_;
    Parser parser_;
    unsigned version_ = 11;
    Request request_;
};

awaitable<bool> Exchange::run() {
    if (!co_await read_head()) co_return false;
    if (auto refusal = admit()) co_return co_await turn_away(std::move(*refusal));
    if (!parser_.is_done()) {
        if (!co_await read_body()) co_return false;
    }
    co_return co_await answer();
}

awaitable<bool> Exchange::read_head() {
    parser_.header_limit(kMaxHead);
    parser_.body_limit(boost::none); // checked once the request is admitted
    asio::steady_timer limit(connection_->socket.get_executor(), state_->options.head_limit);
    const auto head =
        co_await (beast_http::async_read_header(connection_->socket, connection_->buffer, parser_, as_value) ||
                  limit.async_wait(as_value));
    if (head.index() == 1) co_return co_await refuse_with(408);
    if (const auto failed = std::get<0>(std::get<0>(head))) co_return co_await refuse_failed(failed);
    version_ = parser_.get().version();
    request_ = request_of(parser_.get());
    co_return true;
}

std::optional<Response> Exchange::admit() const {
    if (!state_->options.admit) return std::nullopt;
    try {
        return state_->options.admit(request_);
    } catch (const std::exception &e) {
        return internal_error(*state_, e);
    }
}

/// Without a body the connection can stay.
awaitable<bool> Exchange::turn_away(Response refusal) {
    if (!parser_.is_done()) {
        co_await refuse(*connection_, *state_, refusal, version_);
        co_return false;
    }
    const bool stays = parser_.get().keep_alive() && !state_->stopping;
    const bool written = co_await write(*connection_, *state_, refusal, version_, stays);
    co_return written &&stays;
}

awaitable<bool> Exchange::read_body() {
    const ServerOptions &options = state_->options;
    const std::uint64_t length = parser_.content_length().value_or(options.body_limit); // chunked: all there may be
    if (length > options.body_limit) co_return co_await refuse_with(413);
    if (state_->arriving + length > options.bodies_limit) co_return co_await refuse_with(503);
    const Arriving arriving(*state_, length);
    parser_.body_limit(options.body_limit);
    if (!co_await ask_for_body()) co_return false;
    asio::steady_timer limit(connection_->socket.get_executor(), options.body_time);
    const auto body = co_await (beast_http::async_read(connection_->socket, connection_->buffer, parser_, as_value) ||
                                limit.async_wait(as_value));
    if (body.index() == 1) co_return co_await refuse_with(408);
    if (const auto failed = std::get<0>(std::get<0>(body))) co_return co_await refuse_failed(failed);
    co_return true;
}

awaitable<bool> Exchange::ask_for_body() {
    const auto expect = request_.header("expect");
    if (!expect || !boost::beast::iequals({expect->data(), expect->size()}, "100-continue")) co_return true;
    const auto [failed, n] =
        co_await asio::async_write(connection_->socket, asio::buffer(kContinue.data(), kContinue.size()), as_value);
    co_return !failed;
}

awaitable<bool> Exchange::answer() {
    const bool keep_alive = parser_.get().keep_alive();
    request_.body = std::move(parser_.get().body());
    const auto caller = request_.caller;
    Response response = co_await handle();
    if (response.pieces) {
        co_await send_pieces(std::move(response), caller);
        co_return false;
    }
    const bool keep = keep_alive && !state_->stopping;
    bool good = co_await write(*connection_, *state_, response, version_, keep);
    if (response.taken) {
        if (good) good = co_await taken(*connection_);
        response.taken(good);
    }
    co_return good &&keep;
}

awaitable<Response> Exchange::handle() {
    const auto caller = request_.caller;
    connection_->watched = true;
    spawn(connection_->socket.get_executor(), state_->options.name + " watch", watch(connection_, caller));
    Response response;
    try {
        response = co_await state_->handler(std::move(request_));
    } catch (const std::exception &e) {
        response = internal_error(*state_, e);
    }
    caller->on_gone = nullptr;
    co_await unwatch(connection_);
    co_return response;
}

awaitable<void> Exchange::send_pieces(Response made, std::shared_ptr<Caller> caller) {
    connection_->watched = true;
    state_->followers.insert(caller.get());
    if (state_->stopping) let_go(*caller);
    spawn(connection_->socket.get_executor(), state_->options.name + " watch", watch_follower(connection_, caller));
    try {
        co_await write_pieces(*state_, *connection_, made, *caller, version_);
    } catch (const std::exception &e) {
        Log().error("internal error in an answer of the {} listener: {}", state_->options.name, e.what());
    }
    state_->followers.erase(caller.get());
    caller->on_gone = nullptr;
    boost::system::error_code ignored;
    connection_->socket.shutdown(Socket::shutdown_send, ignored);
    co_await unwatch(connection_);
}

awaitable<bool> Exchange::refuse_with(int status) {
    Response response;
    response.status = status;
    co_await refuse(*connection_, *state_, response, version_);
    co_return false;
}

awaitable<bool> Exchange::refuse_failed(boost::system::error_code failed) {
    const int status = status_of(failed);
    if (status == 0) co_return false;
    co_return co_await refuse_with(status);
}

} // namespace

awaitable<bool> serve_request(StatePtr state, ConnectionPtr connection) {
    Exchange exchange(std::move(state), std::move(connection));
    co_return co_await exchange.run();
}

} // namespace angod::http
