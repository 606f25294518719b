// One coroutine accepts, and one per connection serves request after request. Their state is shared, because connections
// may outlive the Server object for the answer that is being made.
//
// The number of connections is bounded. When it is reached the connection that has waited longest for a request makes room,
// so that clients that only keep connections open cannot lock others out.
#include "http/server.hpp"

#include "http/connection.hpp"
#include "http/request.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <string_view>

namespace angod::http {

namespace {

using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

constexpr auto kReallyIdle = 1s;

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

/// Counts a connection while it is served, and closes it afterwards, also when serving throws.
class Counted {
public:
    Counted(StatePtr state, ConnectionPtr connection) : state_(std::move(state)), connection_(std::move(connection)) {
        ++state_->connections;
    }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;
    ~Counted() {
        boost::system::error_code ignored;
        connection_->socket.close(ignored); // a watch that is left ends with that
        state_->idle.erase(connection_.get());
        --state_->connections;
        if (state_->options.closed) state_->options.closed();
    }

private:
    const StatePtr state_;
    const ConnectionPtr connection_;
};

awaitable<void> serve(StatePtr state, ConnectionPtr connection, std::unique_ptr<const Counted>) {
    bool more = true;
    while (more && !state->stopping) {
        more = co_await comes(state, connection);
        if (more) more = co_await serve_request(state, connection);
    }
}

/// The connection that waited longest makes room, unless its wait has just begun: a request may be on its way.
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
            // The next call accepts before anything else can run, so it gets the descriptor that was freed.
            const bool is_full = failed == asio::error::no_descriptors;
            if (!is_full || !state->options.free_descriptor || !state->options.free_descriptor())
                co_await pause(100ms); // it passes
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

Server::Server(Acceptor acceptor, Handler handler, ServerOptions options)
    : state_(std::make_shared<State>(std::move(acceptor), std::move(handler), std::move(options))) {}

/// Connections may be left, which end with their event loop. The owner of the callbacks may be gone then.
Server::~Server() {
    stop();
    state_->options.closed = nullptr;
    state_->options.free_descriptor = nullptr;
}

void Server::start() { spawn(state_->acceptor.get_executor(), state_->options.name + " listener", accept(state_)); }

void Server::stop() {
    state_->stopping = true;
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    for (Connection *connection : state_->idle) connection->socket.close(ignored);
    for (Caller *caller : state_->followers) let_go(*caller);
}

} // namespace angod::http
