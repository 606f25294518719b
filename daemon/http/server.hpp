// A small HTTP/1.1 server over sockets of any kind.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace angod::http {

/// Must not throw, whatever a request contains. An exception is logged all the same, and answered with 500.
using Handler = std::function<awaitable<Response>(Request)>;

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

struct ServerOptions {
    std::string name = "admin"; ///< for the log
    /// Looks at a request before its body is read: a response refuses it.
    std::function<std::optional<Response>(const Request &head)> admit;
    /// Called if a caller waits and the process has no descriptor for the connection. True: it has freed one.
    std::function<bool()> free_descriptor;
    /// Called after the end of each connection.
    std::function<void()> closed;
    std::size_t body_limit = 1u << 20;
    std::size_t bodies_limit = 64u << 20; ///< of all requests that are arriving, together
    std::size_t max_connections = 1000;
    std::chrono::seconds idle_limit{30}; ///< between requests
    std::chrono::seconds head_limit{30}, body_time{30}, write_limit{30};
    std::chrono::seconds piece_limit{600}; ///< for the writing of a piece: people look at them, and pause
};

/// Serves connections until it is stopped. Event loop only.
class Server {
public:
    Server(Acceptor acceptor, Handler handler, ServerOptions options = {});
    ~Server();
    void start();
    /// Takes no further connection and ends the open ones after the answer that is being made.
    void stop();

    struct State;

private:
    std::shared_ptr<State> state_;
};

/// address: numeric, IPv4 or IPv6 ("::" takes both).
Result<Acceptor> listen_tcp(const asio::any_io_executor &executor, const std::string &address, std::uint16_t port);

} // namespace angod::http
