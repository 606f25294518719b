// The only file that sees Beast, which takes longer to compile than all else here: so it is one file, although long.
#include "http/http.hpp"

#include "http/delivery.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <set>

namespace angod::http {

namespace {

namespace beast_http = boost::beast::http;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

std::string decode(std::string_view text) {
    std::string out;
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

Request request_of(const beast_http::request<beast_http::string_body> &message) {
    Request request;
    request.method = std::string(message.method_string());
    const std::string target(message.target());
    const std::size_t question = target.find('?');
    request.path = decode(std::string_view(target).substr(0, question));
    std::string_view query =
        question == std::string::npos ? std::string_view() : std::string_view(target).substr(question + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        request.query[decode(pair.substr(0, equals))] =
            equals == std::string_view::npos ? "" : decode(pair.substr(equals + 1));
    }
    for (const auto &field : message) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        request.headers.push_back({std::move(name), std::string(field.value())});
    }
    request.caller = std::make_shared<Caller>();
    return request;
}

using Socket = asio::generic::stream_protocol::socket;
using Parser = beast_http::request_parser<beast_http::string_body>;

struct Connection {
    explicit Connection(Socket s) : socket(std::move(s)), unwatched(socket.get_executor()) {}
    Socket socket;
    boost::beast::flat_buffer buffer;
    std::chrono::steady_clock::time_point idle_since;
    bool watched = false;
    Signal unwatched;
};

} // namespace

struct Server::State {
    State(Acceptor a, Handler h, ServerOptions o)
        : acceptor(std::move(a)), handler(std::move(h)), options(std::move(o)) {}
    Acceptor acceptor;
    Handler handler;
    ServerOptions options;
    bool stopping = false;
    std::size_t connections = 0;
    std::size_t arriving = 0;     ///< bytes of bodies that are being read, or may come
    std::set<Connection *> idle;  ///< they wait for a request
    std::set<Caller *> followers; ///< they are sent pieces
};

namespace {

using StatePtr = std::shared_ptr<Server::State>;
using ConnectionPtr = std::shared_ptr<Connection>;

constexpr auto kLingerLimit = 2s;
constexpr auto kTakenLimit = 10s;
constexpr auto kReallyIdle = 1s;
constexpr std::uint32_t kMaxHead = 16 * 1024;

/// False if the response could not be written.
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

/// A piece of a body. False if it could not be written.
template <class Buffers>
awaitable<bool> write_piece(Connection &connection, const Server::State &state, Buffers buffers) {
    asio::steady_timer limit(connection.socket.get_executor(), state.options.piece_limit);
    const auto first = co_await (asio::async_write(connection.socket, buffers, as_value) || limit.async_wait(as_value));
    co_return first.index() == 0 && !std::get<0>(std::get<0>(first));
}

/// Has the other side's machine taken what was written? Known when it has, or when the connection breaks.
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

/// A connection that is closed with bytes unread is reset, and the response before may be lost with it.
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

/// Ends the connection with it.
awaitable<bool> refuse(Connection &connection, const Server::State &state, const Response &response, unsigned version) {
    co_await write(connection, state, response, version, false);
    co_await linger(connection);
    co_return false;
}

awaitable<bool> refuse(Connection &connection, const Server::State &state, int status, unsigned version = 11) {
    Response response;
    response.status = status;
    co_return co_await refuse(connection, state, response, version);
}

int status_of(const boost::system::error_code &failed) {
    using beast_http::error;
    if (failed == error::body_limit) return 413;
    if (failed == error::header_limit || failed == error::buffer_overflow) return 431;
    if (failed == error::end_of_stream || failed == error::partial_message) return 0;
    return failed.category() == make_error_code(error::bad_method).category() ? 400 : 0;
}

void let_go(Caller &caller) {
    caller.gone = true;
    if (caller.on_gone) caller.on_gone();
}

/// Notices that the caller goes while its request is worked on. What comes from it meanwhile is its next request.
awaitable<void> watch(ConnectionPtr connection, std::shared_ptr<Caller> caller) {
    const auto [failed] = co_await connection->socket.async_wait(Socket::wait_read, as_value);
    if (!failed) {
        char byte = 0;
        boost::system::error_code broken;
        connection->socket.receive(asio::buffer(&byte, 1), Socket::message_peek, broken);
        if (broken && broken != asio::error::would_block) {
            let_go(*caller);
        }
    }
    connection->watched = false;
    connection->unwatched.wake_all();
}

/// Whoever is sent pieces has nothing more to say.
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

awaitable<void> write_pieces(const Server::State &state, Connection &connection, const Response &made,
                             const Caller &caller, unsigned version) {
    const bool chunked = version >= 11; // who knows no chunks reads until the connection ends
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

/// Sends a body piece by piece. The connection ends with it.
awaitable<void> send_pieces(StatePtr state, ConnectionPtr connection, Response made, std::shared_ptr<Caller> caller,
                            unsigned version) {
    connection->watched = true;
    state->followers.insert(caller.get());
    if (state->stopping) let_go(*caller);
    spawn(connection->socket.get_executor(), state->options.name + " watch", watch_follower(connection, caller));
    try {
        co_await write_pieces(*state, *connection, made, *caller, version);
    } catch (const std::exception &e) {
        Log().error("internal error in an answer of the {} listener: {}", state->options.name, e.what());
    }
    state->followers.erase(caller.get());
    caller->on_gone = nullptr;
    boost::system::error_code ignored;
    connection->socket.shutdown(Socket::shutdown_send, ignored);
    if (connection->watched) connection->socket.cancel(ignored);
    while (connection->watched) co_await connection->unwatched.wait();
}

/// What must not happen: the operator learns of it, the caller only that it has.
Response internal_error(const Server::State &state, const std::exception &why) {
    Log().error("internal error in an answer of the {} listener: {}", state.options.name, why.what());
    Response response;
    response.status = 500;
    return response;
}

std::optional<Response> admit(const Server::State &state, const Request &head) {
    if (!state.options.admit) return std::nullopt;
    try {
        return state.options.admit(head);
    } catch (const std::exception &e) {
        return internal_error(state, e);
    }
}

awaitable<Response> handle(StatePtr state, ConnectionPtr connection, Request request) {
    const auto caller = request.caller;
    connection->watched = true;
    spawn(connection->socket.get_executor(), state->options.name + " watch", watch(connection, caller));
    Response response;
    try {
        response = co_await state->handler(std::move(request));
    } catch (const std::exception &e) {
        response = internal_error(*state, e);
    }
    caller->on_gone = nullptr;
    boost::system::error_code ignored;
    if (connection->watched) connection->socket.cancel(ignored);
    while (connection->watched) co_await connection->unwatched.wait();
    co_return response;
}

/// What is read of a body, for as long as it is being read.
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

/// One request with its response. False: the connection is to be closed.
awaitable<bool> serve_one(StatePtr state, ConnectionPtr connection) {
    const ServerOptions &options = state->options;
    Socket &socket = connection->socket;
    Parser parser;
    parser.header_limit(kMaxHead);
    parser.body_limit(boost::none); // looked at when it is known who asks
    asio::steady_timer limit(socket.get_executor(), options.head_limit);
    const auto head = co_await (beast_http::async_read_header(socket, connection->buffer, parser, as_value) ||
                                limit.async_wait(as_value));
    if (head.index() == 1) co_return co_await refuse(*connection, *state, 408);
    if (const auto failed = std::get<0>(std::get<0>(head))) {
        const int status = status_of(failed);
        if (status == 0) co_return false;
        co_return co_await refuse(*connection, *state, status);
    }
    const unsigned version = parser.get().version();
    Request request = request_of(parser.get());
    const bool has_body = !parser.is_done();
    const std::optional<Response> refusal = admit(*state, request);
    if (refusal && has_body) co_return co_await refuse(*connection, *state, *refusal, version);
    if (refusal) {
        const bool stays = parser.get().keep_alive() && !state->stopping;
        const bool written = co_await write(*connection, *state, *refusal, version, stays);
        co_return written &&stays;
    }
    if (has_body) {
        const std::uint64_t length = parser.content_length().value_or(options.body_limit); // chunked: all there may be
        if (length > options.body_limit) co_return co_await refuse(*connection, *state, 413, version);
        if (state->arriving + length > options.bodies_limit)
            co_return co_await refuse(*connection, *state, 503, version);
        const Arriving arriving(*state, length);
        parser.body_limit(options.body_limit);
        const auto expect = request.header("expect");
        if (expect && boost::beast::iequals({expect->data(), expect->size()}, "100-continue")) {
            static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
            const auto [failed, n] =
                co_await asio::async_write(socket, asio::buffer(kContinue.data(), kContinue.size()), as_value);
            if (failed) co_return false;
        }
        asio::steady_timer body_limit(socket.get_executor(), options.body_time);
        const auto body = co_await (beast_http::async_read(socket, connection->buffer, parser, as_value) ||
                                    body_limit.async_wait(as_value));
        if (body.index() == 1) co_return co_await refuse(*connection, *state, 408, version);
        if (const auto failed = std::get<0>(std::get<0>(body))) {
            const int status = status_of(failed);
            if (status == 0) co_return false;
            co_return co_await refuse(*connection, *state, status, version);
        }
    }
    const bool keep_alive = parser.get().keep_alive();
    request.body = std::move(parser.get().body());
    const auto caller = request.caller;
    Response response = co_await handle(state, connection, std::move(request));
    if (response.pieces) {
        co_await send_pieces(state, connection, std::move(response), caller, version);
        co_return false;
    }
    const bool keep = keep_alive && !state->stopping;
    bool good = co_await write(*connection, *state, response, version, keep);
    if (response.taken) {
        if (good) good = co_await taken(*connection);
        response.taken(good);
    }
    co_return good &&keep;
}

/// False if nothing came in time.
awaitable<bool> comes(StatePtr state, ConnectionPtr connection) {
    if (connection->buffer.size() > 0) co_return true;
    asio::steady_timer limit(connection->socket.get_executor(), state->options.idle_limit);
    connection->idle_since = std::chrono::steady_clock::now();
    state->idle.insert(connection.get());
    const auto first =
        co_await (connection->socket.async_wait(Socket::wait_read, as_value) || limit.async_wait(as_value));
    state->idle.erase(connection.get());
    co_return first.index() == 0 && !std::get<0>(std::get<0>(first));
}

/// Counts a connection as long as it is served, and closes it then, however that ends.
class Counted {
public:
    Counted(StatePtr state, ConnectionPtr connection) : state_(std::move(state)), connection_(std::move(connection)) {
        ++state_->connections;
    }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;
    ~Counted() {
        boost::system::error_code ignored;
        connection_->socket.close(ignored); // a watch of it that is left ends with that
        state_->idle.erase(connection_.get());
        --state_->connections;
    }

private:
    const StatePtr state_;
    const ConnectionPtr connection_;
};

awaitable<void> serve(StatePtr state, ConnectionPtr connection, std::unique_ptr<const Counted>) {
    bool more = true;
    while (more && !state->stopping) {
        more = co_await comes(state, connection);
        if (more) more = co_await serve_one(state, connection);
    }
}

/// The one that waited longest for a request makes room, if it really waits: a request may be on its way.
bool make_room(Server::State &state) {
    if (state.connections < state.options.max_connections) return true;
    const auto longest = std::min_element(state.idle.begin(), state.idle.end(),
                                          [](const auto *a, const auto *b) { return a->idle_since < b->idle_since; });
    if (longest == state.idle.end() || std::chrono::steady_clock::now() - (*longest)->idle_since < kReallyIdle)
        return false;
    boost::system::error_code ignored;
    (*longest)->socket.close(ignored);
    state.idle.erase(longest);
    return true;
}

awaitable<void> accept(StatePtr state) {
    while (!state->stopping) {
        auto [failed, socket] = co_await state->acceptor.async_accept(as_value);
        if (failed) {
            if (state->stopping) co_return;
            co_await pause(100ms); // out of descriptors, perhaps: it passes
            continue;
        }
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        if (!make_room(*state)) {
            static constexpr std::string_view kFull =
                "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            socket.write_some(asio::buffer(kFull.data(), kFull.size()), ignored);
            continue;
        }
        const auto executor = socket.get_executor();
        const auto connection = std::make_shared<Connection>(std::move(socket));
        auto counted = std::make_unique<const Counted>(state, connection);
        spawn(executor, state->options.name + " connection", serve(state, connection, std::move(counted)));
    }
}

} // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const Header &header : headers) {
        if (header.name != name) continue;
        if (found) return std::nullopt;
        found = header.value;
    }
    return found;
}

Server::Server(Acceptor acceptor, Handler handler, ServerOptions options)
    : state_(std::make_shared<State>(std::move(acceptor), std::move(handler), std::move(options))) {}

Server::~Server() { stop(); }

void Server::start() { spawn(state_->acceptor.get_executor(), state_->options.name + " listener", accept(state_)); }

void Server::stop() {
    state_->stopping = true;
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    for (Connection *connection : state_->idle) connection->socket.close(ignored);
    for (Caller *caller : state_->followers) let_go(*caller);
}

namespace {

boost::system::error_code send(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body) {
    beast_http::request<beast_http::string_body> request{beast_http::string_to_verb(method), target, 11};
    request.set(beast_http::field::host, "angod");
    request.set(beast_http::field::content_type, "application/json");
    request.keep_alive(false);
    request.body() = body;
    request.prepare_payload();
    boost::system::error_code failed;
    beast_http::write(socket, request, failed);
    return failed;
}

Error not_sent(const boost::system::error_code &failed) {
    return error(Code::network, fmt::format("cannot send the request: {}", failed.message()));
}

Error not_answered(const boost::system::error_code &failed) {
    return error(Code::network, fmt::format("angod did not answer: {}", failed.message()));
}

} // namespace

Result<Response> request_local(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body) {
    if (const auto failed = send(socket, method, target, body)) return not_sent(failed);
    boost::system::error_code failed;
    boost::beast::flat_buffer buffer;
    beast_http::response_parser<beast_http::string_body> parser;
    parser.body_limit(boost::none);
    beast_http::read(socket, buffer, parser, failed);
    if (failed) return not_answered(failed);
    auto response = parser.release();
    return Response{static_cast<int>(response.result_int()), std::move(response.body()),
                    std::string(response[beast_http::field::content_type])};
}

Result<Response> follow_local(LocalSocket &socket, const std::string &target,
                              const std::function<void(std::string_view)> &piece) {
    if (const auto failed = send(socket, "GET", target, "")) return not_sent(failed);
    boost::system::error_code failed;
    boost::beast::flat_buffer buffer;
    beast_http::response_parser<beast_http::buffer_body> parser;
    parser.body_limit(boost::none);
    beast_http::read_header(socket, buffer, parser, failed);
    if (failed) return not_answered(failed);
    Response response;
    response.status = static_cast<int>(parser.get().result_int());
    response.content_type = std::string(parser.get()[beast_http::field::content_type]);
    std::array<char, 16 * 1024> room;
    while (!parser.is_done()) {
        auto &body = parser.get().body();
        body.data = room.data();
        body.size = room.size();
        beast_http::read_some(socket, buffer, parser, failed);
        const std::string_view came(room.data(), room.size() - body.size);
        if (response.status >= 400)
            response.body += came;
        else if (!came.empty())
            piece(came);
        if (failed && failed != beast_http::error::need_buffer)
            return error(Code::network, fmt::format("angod's answer broke off: {}", failed.message()));
    }
    return response;
}

} // namespace angod::http
