// Shared by the sources of the server: a connection, and the state of the server, which outlives the Server object while
// connections are served. Event loop only.
#pragma once

#include "base/async.hpp"
#include "http/server.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <set>
#include <utility>

namespace angod::http {

using Socket = asio::generic::stream_protocol::socket;

struct Connection {
    explicit Connection(Socket s) : socket(std::move(s)), unwatched(socket.get_executor()) {}
    Socket socket;
    boost::beast::flat_buffer buffer; ///< read, and not used yet
    std::chrono::steady_clock::time_point idle_since;
    bool watched = false; ///< a coroutine waits for the caller to go
    Signal unwatched;     ///< that coroutine has ended
};
using ConnectionPtr = std::shared_ptr<Connection>;

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
using StatePtr = std::shared_ptr<Server::State>;

/// Tells the caller's request that no one would read its response.
inline void let_go(Caller &caller) {
    caller.gone = true;
    if (caller.on_gone) caller.on_gone();
}

} // namespace angod::http
